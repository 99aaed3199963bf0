/** List: work orders by urgency; what is under a finger stays where it is until the person asks. */

import { isEnded, levelBadge, nextCountdown, stateChip } from './badges.js';
import { ago } from './clock.js';
import { createCoverage } from './coverage.js';
import { el, icon, refresh, say } from './elements.js';
import { language, percent, said, t } from './words.js';

function card(order) {
  const chance = order.probability === null ? null : ` ${percent(order.probability)}`;
  return [
    el('div.card-top', {}, levelBadge(order.level), nextCountdown(order)),
    el('div.card-place', {}, said(order.place)),
    el(
      'div.card-foot', {},
      el('span.card-what', {}, said(order.mode_name), chance && el('b', {}, chance)),
      el('span.card-age', {}, ago(order.raised_at)),
      stateChip(order),
    ),
  ];
}

/** What a card shows; it is built again when this changes. */
function face(order, selected) {
  const { level, state, pending, deadlines, probability, version } = order;
  return [language(), level, state, pending, deadlines, probability, version, selected, ago(order.raised_at)];
}

/**
 * The list in its place on the page.
 * @param {HTMLElement} place Where it stands.
 * @param {object} hands What the list asks for: `showNewest()`, `showTab(name)`, `showMore()`, `whoAmI()`,
 *   `switchLanguage()`.
 */
export function createList(place, hands) {
  const header = el('header.list-header', {});
  const bar = el('button.new-bar', { type: 'button', hidden: true, onclick: hands.showNewest });
  const cards = el('ol.cards', {});
  const foot = el('div.list-foot', {});
  const watch = el('section.watch', {});
  const covered = createCoverage(watch);
  const byId = new Map();
  place.append(header, el('div.news', { role: 'status' }, bar), cards, foot, watch);

  function item(order, selected) {
    let entry = byId.get(order.id);
    if (!entry) {
      const link = el('a.card', { href: `#/orders/${order.id}` });
      entry = { row: el('li', {}, link), link };
      byId.set(order.id, entry);
    }
    entry.link.dataset.level = order.level;
    entry.link.classList.toggle('ended', isEnded(order));
    if (selected) entry.link.setAttribute('aria-current', 'true');
    else entry.link.removeAttribute('aria-current');
    refresh(entry.link, face(order, selected), () => card(order));
    return entry.row;
  }

  function update(page) {
    refresh(header, [language(), page.tab, page.who, page.counts], () => head(page, hands));
    const rows = page.shown.map((order) => item(order, order.id === page.selected));
    if (rows.some((row, index) => cards.children[index] !== row) || cards.children.length !== rows.length) {
      cards.replaceChildren(...rows);
    }
    showBar(bar, page);
    watch.hidden = page.tab !== 'open' || page.state !== 'ready';
    covered.update(page.coverage);
    refresh(foot, [language(), page.tab, page.state, page.shown.length, page.hasMore], () => footOf(page, hands));
  }

  return { update };
}

function head(page, hands) {
  const { open, overdue } = page.counts;
  const late = overdue ? el('strong.late', {}, t('summary_overdue', { overdue })) : null;
  return [
    el(
      'div.list-title', {},
      el('div', {}, el('h1', {}, t('product')), el('p.muted', {}, t('summary', { open }), late ? ' · ' : '', late)),
      el('div.list-tools', {},
        el('button.tool', { type: 'button', onclick: hands.whoAmI, 'aria-label': page.who ? t('who_you', { who: page.who }) : t('who_none') },
          icon('person'), el('span.who', {}, page.who ?? t('who_none'))),
        el('button.tool', { type: 'button', onclick: hands.switchLanguage, 'aria-label': t('switch_language') }, t('other_language'))),
    ),
    el('div.tabs', { role: 'group', 'aria-label': t('orders') },
      ['open', 'closed'].map((tab) =>
        el('button', { type: 'button', 'aria-pressed': String(tab === page.tab), onclick: () => hands.showTab(tab) }, t(tab)))),
  ];
}

function showBar(bar, page) {
  const { fresh, urgent, resorted } = page.news;
  bar.hidden = !(fresh || resorted);
  bar.dataset.level = urgent ?? '';
  if (fresh) say(bar, fresh === 1 ? t('new_order') : t('new_orders', { n: fresh }));
  else if (resorted) say(bar, t('order_changed'));
}

function footOf(page, hands) {
  if (page.state === 'loading') return [el('p.empty', {}, t('loading_list'))];
  if (page.state === 'no_signal') return [el('p.empty', {}, t('no_signal_list'))];
  if (!page.shown.length) return [el('p.empty', {}, t(page.tab === 'open' ? 'none_open' : 'none_closed'))];
  return [page.hasMore && el('button.wide', { type: 'button', onclick: hands.showMore }, t('show_more'))];
}

/** Order: one work order as the five questions in order. */

import { countdownOf, isEnded, levelBadge, stateChip } from './badges.js';
import { absolute, ago, moment, now } from './clock.js';
import { showLarge } from './dialogs.js';
import { el, icon, refresh } from './elements.js';
import { createFound } from './found.js';
import { createActions } from './actions.js';
import { LEVELS, OUTCOMES, STATES, language, name, percent, said, t } from './words.js';

const HOUR = 3600e3;

/**
 * A work order's page.
 * @param {HTMLElement} place Where it stands.
 * @param {number} id Of the order.
 * @param {object} hands `act(kind, body)` and `back()`.
 */
export function createOrder(place, id, hands) {
  const top = el('header.order-top', {});
  const parts = {};
  for (const part of ['what', 'sure', 'why', 'do']) parts[part] = el(`section.${part}`, { 'data-part': part });
  const history = el('section.history', {});
  const found = createFound(id, hands);
  const actions = createActions(hands, found);
  const left = el('div.column', {}, parts.what, parts.sure, parts.why);
  const right = el('div.column', {}, parts.do, found.element, history);
  place.replaceChildren(top, el('article.order', {}, left, right), actions.element);

  function update(order) {
    const words = language();
    refresh(top, [words, order.number], () => topOf(order));
    refresh(parts.what, [words, order.level, order.state, order.pending, order.deadlines, order.ended_at, ago(order.raised_at)], () => whatOf(order));
    refresh(parts.sure, [words, order.probability, order.time_to_failure, order.how_sure], () => sureOf(order));
    refresh(parts.why, [words, order.why, order.evidence, order.stills], () => whyOf(order));
    refresh(parts.do, [words, order.steps], () => doOf(order));
    found.update(order);
    refresh(history, [words, order.history, Math.floor(now() / 60e3)], () => historyOf(order));
    actions.update(order);
  }

  return { update };
}

function topOf(order) {
  return [
    el('a.tool.to-list', { href: '#/', 'aria-label': t('back') }, icon('back'), el('span', {}, t('orders'))),
    el('span.order-number', {}, order.number),
  ];
}

function whatOf(order) {
  const zone = order.timezone;
  const rows = order.deadlines.map((deadline) =>
    el('li', {},
      deadline.met_at ? met(deadline, zone) : isEnded(order) ? el('span', {}, said(deadline.label)) : countdownOf(deadline, true),
      el('span.muted', {}, deadline.met_at ? '' : t('due', { at: absolute(deadline.by, zone) }))));
  return [
    el('div.badges', {}, levelBadge(order.level), el('span.order-number', {}, order.number), stateChip(order)),
    el('h1', { tabindex: '-1' }, said(order.title)),
    el('p.muted', {}, `${said(order.mode_name)} · ${said(order.category)} · `,
      el('span.together', {}, `${t('raised')} ${moment(order.raised_at, zone)}`)),
    order.ended_at && el('p.muted', {}, `${t('ended')} · ${moment(order.ended_at, zone)}`),
    el('ul.deadlines', {}, rows),
  ];
}

function met(deadline, zone) {
  return el('span.met', {}, icon('check'), `${said(deadline.label)} ${t('met', { at: absolute(deadline.met_at, zone) })}`);
}

function heading(key) {
  return el('h2', {}, t(key));
}

function sureOf(order) {
  const chance = order.probability;
  const number = chance === null ? null
    : el('p.chance', { 'aria-hidden': 'true' }, percent(chance));
  return [heading('q_sure'), number, el('p.lead', {}, said(order.how_sure)), order.time_to_failure && whenOf(order)];
}

/** The interval as a line from now on: when at the earliest, most likely, at the latest. */
function whenOf(order) {
  const { p10, p50, p90 } = order.time_to_failure;
  const start = now();
  const [first, middle, last] = [p10, p50, p90].map((at) => Math.max(0, Date.parse(at) - start));
  const end = Math.min(Math.max(72 * HOUR, 1.1 * middle), last) || HOUR;
  const share = (ms) => `${Math.min(100, (100 * ms) / end)}%`;
  const range = el('i', {});
  range.style.insetInlineStart = share(first);
  const dot = el('b', {});
  dot.style.insetInlineStart = share(middle);
  // A forecast is as old as its evidence: what it gave as the earliest may have gone by.
  const when = (at) => (Date.parse(at) > start ? absolute(toHour(at), order.timezone) : t('any_time'));
  const row = (key, at) => el('div', {}, el('dt', {}, t(key)), el('dd', {}, when(at)));
  return el('div.when', {},
    el('div.when-line', { 'aria-hidden': 'true' }, range, dot),
    el('dl', {}, row('earliest', p10), row('most_likely', p50), row('latest', p90)));
}

/** The nearest hour: a forecast is no better than that. */
function toHour(at) {
  return new Date(Math.round(Date.parse(at) / HOUR) * HOUR).toISOString();
}

function whyOf(order) {
  return [
    heading('q_why'),
    el('p.lead', {}, said(order.why)),
    order.evidence?.picture_url && picture(order),
    order.stills.length > 0 && el('div.stills', {}, order.stills.map((still) => stillOf(order, still))),
    order.counterfactual && el('p.muted', {}, said(order.counterfactual)),
    order.evidence && el('p.evidence-file', {}, el('a', { href: order.evidence.url }, t('evidence_file')),
      el('code', {}, order.evidence.sha256.slice(0, 12))),
  ];
}

/** The picture of the evidence, drawn for the width it stands in and the theme in force. */
function picture(order) {
  const base = order.evidence.picture_url.replace(/\.(png|svg)$/, '.svg');
  const figure = el('figure.evidence', {});
  const dark = el('source', { media: 'screen and (prefers-color-scheme: dark)' });
  const image = el('img', { alt: `${t('picture')}：${said(order.why)}` });
  const failed = el('p.empty', { hidden: true }, t('picture_failed'));
  image.addEventListener('error', () => { failed.hidden = false; image.hidden = true; });
  image.addEventListener('load', () => { failed.hidden = true; image.hidden = false; });
  figure.append(el('picture', {}, dark, image), failed);
  let shown = 0;
  new ResizeObserver(() => {
    const width = Math.min(900, Math.max(280, Math.round(figure.clientWidth / 2) * 2));
    if (width === shown || !figure.isConnected) return;
    shown = width;
    const url = (theme) => `${base}?lang=${language()}&theme=${theme}&width=${width}`;
    dark.srcset = url('dark');
    image.src = url('light');
  }).observe(figure);
  return figure;
}

function stillOf(order, still) {
  const caption = t('still', { at: absolute(still.at, order.timezone) });
  if (still.deleted_at) {
    return el('div.still.deleted', {}, el('p', {}, t('still_deleted')), el('span', {}, caption));
  }
  return el('button.still', { type: 'button', onclick: () => showLarge(still.url, caption) },
    el('img', { src: still.url, alt: caption, loading: 'lazy' }), el('span', {}, caption));
}

function doOf(order) {
  return [
    heading('q_do'),
    order.warnings.length > 0 && el('div.warnings', { role: 'note' },
      el('h3', {}, icon('warning'), t('safety_first')), el('ul', {}, order.warnings.map((text) => el('li', {}, said(text))))),
    el('ol.steps', { 'aria-label': t('steps') }, order.steps.map((text, index) => stepOf(order, text, index))),
    order.bring.length > 0 && el('div.bring', {}, el('h3', {}, t('bring')),
      el('ul', {}, order.bring.map((text) => el('li', {}, said(text))))),
  ];
}

/** A step with a box to tick; the ticks stay on this phone. */
function stepOf(order, text, index) {
  const key = `ticked/${order.id}/${index}`;
  const box = el('input', { type: 'checkbox', 'aria-label': t('step_done', { n: index + 1 }) });
  box.checked = localStorage.getItem(key) === '1';
  box.addEventListener('change', () => localStorage.setItem(key, box.checked ? '1' : '0'));
  return el('li', {}, el('label', {}, box, el('span.step-number', { 'aria-hidden': 'true' }, String(index + 1)), el('span', {}, said(text))));
}

function historyOf(order) {
  const entries = [...order.history].reverse();
  return [heading('q_history'), el('ol.entries', {}, entries.map((entry) =>
    el('li', {},
      el('p', {}, el('b', {}, didOf(entry)), entry.pending ? el('span.chip', {}, t('pending')) : null),
      entry.note && el('p.entry-note', {}, entry.note),
      el('p.muted', {}, `${entry.who} · ${moment(entry.at, order.timezone)}`))))];
}

function didOf({ action, from, to }) {
  const table = { moved: STATES, outcome: OUTCOMES, level_raised: LEVELS }[action] ?? {};
  return t(`does_${action}`, { from: name(table, from), to: name(table, to) });
}

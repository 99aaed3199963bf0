/** App: where the person is, what they do, and the rhythm in which the page asks the service. */

import { NoSignal } from './api.js';
import { isEnded, tickCountdowns } from './badges.js';
import { ago, now } from './clock.js';
import { askWho } from './dialogs.js';
import { el, refresh, say } from './elements.js';
import { foreseen } from './foreseen.js';
import { askForMore, coverage, detailOf, fetchClock, fetchCoverage, fetchList, fetchOrder, heardAt, items, lists, remember, summaryOf } from './knowledge.js';
import { createList } from './list.js';
import { createOrder } from './order.js';
import { enqueue, flush, openQueue, waiting } from './queue.js';
import { MOVES, OUTCOMES, STATES, language, name, setLanguage, t } from './words.js';

const POLL_MS = 2500;
const UNTOUCHED_MS = 60e3;

const place = { list: document.getElementById('list'), content: document.getElementById('content'), notices: document.getElementById('notices') };

/** What is laid out in each list, in its order: it changes only when the person asks or has long touched nothing. */
const shown = { open: items('open').map((item) => item.id), closed: [] };

let tab = 'open';
let selected = null;
let order = null;
let opened = null;
let who = localStorage.getItem('who');
let trouble = null;
let complaint = null;
let touched = performance.now();
let polling = false;
let listScroll = 0;

const list = createList(place.list, {
  showNewest,
  showTab(to) {
    tab = to;
    layOut();
    render();
    poll();
  },
  showMore() {
    askForMore(tab);
    poll().then(layOut).then(render);
  },
  async whoAmI() {
    await learnWho();
    render();
  },
  switchLanguage() {
    setLanguage(language() === 'zh' ? 'en' : 'zh');
    frame();
    render();
  },
});

async function learnWho() {
  const answer = await askWho(who);
  if (!answer) return false;
  who = answer;
  localStorage.setItem('who', who);
  return true;
}

/** Does something to the open order: at once on this phone, and at the service as soon as there is signal. */
async function act(kind, body) {
  const seen = { state: order.state, version: order.version };
  const id = selected;
  if (!who && !(await learnWho())) return false;
  await enqueue({ order: id, kind, body: { ...body, who }, seen, at: new Date(now()).toISOString() });
  render();
  send();
  return true;
}

async function send() {
  const all = await flush(remember, refused);
  if (!all && waiting.length) trouble ??= new NoSignal();
  render();
}

/** An action that cannot be done: say why, and show how the order stands. */
async function refused(action, error) {
  const table = { moves: MOVES, outcome: OUTCOMES }[action.kind];
  const what = table ? name(table, action.body.to ?? action.body.outcome) : t(action.kind === 'notes' ? 'note' : 'photos');
  complaint = { what, why: error.message };
  await fetchOrder(action.order, true).catch(() => {});
  const state = summaryOf(action.order)?.state;
  if (error.status === 409 && state) complaint.why = t('somebody_faster', { state: name(STATES, state) });
  render();
}

/** The newest word on everything that is on the screen. */
async function poll() {
  if (polling) return;
  polling = true;
  try {
    const first = lists[tab] === null;
    await fetchList(tab);
    if (first || !shown[tab].length || performance.now() - touched > UNTOUCHED_MS) layOut();
    if (selected !== null) await fetchOrder(selected);
    trouble = null;
    if (waiting.length) send();
  } catch (error) {
    trouble = error;
  } finally {
    polling = false;
    render();
  }
}

function layOut() {
  const ended = tab === 'closed';
  shown[tab] = items(tab).filter((item) => isEnded(foreseen(item, waiting)) === ended).map((item) => item.id);
}

function showNewest() {
  layOut();
  render();
  window.scrollTo({ top: 0 });
  place.list.scrollTo({ top: 0 });
}

/** What has come since the list was laid out. */
function news() {
  if (tab === 'closed') return { fresh: 0, resorted: false };
  const laid = new Set(shown.open);
  const fresh = items('open').filter((item) => !laid.has(item.id));
  const still = items('open').map((item) => item.id).filter((id) => laid.has(id));
  const before = shown.open.filter((id) => still.includes(id));
  return { fresh: fresh.length, urgent: fresh[0]?.level, resorted: still.some((id, index) => id !== before[index]) };
}

function render() {
  const open = items('open').map((item) => foreseen(item, waiting)).filter((item) => !isEnded(item));
  list.update({
    tab, who, selected, coverage,
    shown: shown[tab].map(summaryOf).filter(Boolean).map((item) => foreseen(item, waiting)),
    news: news(),
    counts: { open: lists.open?.next ? lists.open.total : open.length, overdue: open.filter((item) => item.overdue).length },
    hasMore: Boolean(lists[tab]?.next),
    state: lists[tab] ? 'ready' : trouble ? 'no_signal' : 'loading',
  });
  document.body.dataset.view = selected === null ? 'list' : 'order';
  renderOrder();
  renderNotices();
  document.title = open.length ? `(${open.length}) ${t('product')}` : t('product');
}

function renderOrder() {
  const detail = selected === null ? undefined : detailOf(selected);
  if (!detail) {
    order = opened = null;
    return refresh(place.content, [language(), selected, detail === null, Boolean(trouble)], () => instead(detail));
  }
  order = foreseen(detail, waiting);
  if (opened?.id === selected) return opened.update(order);
  place.content.shown = undefined;
  opened = { id: selected, ...createOrder(place.content, selected, { act, complain }) };
  opened.update(order);
  return place.content.querySelector('h1').focus({ preventScroll: true });
}

/** What stands where an order would: a sentence. */
function instead(detail) {
  if (selected === null) return [el('p.empty', {}, t('choose'))];
  const key = detail === null ? 'not_found' : trouble ? 'no_signal_order' : 'loading_order';
  return [
    el('header.order-top', {}, el('a.tool.to-list', { href: '#/' }, t('back'))),
    el('p.empty', {}, t(key, { id: selected })),
  ];
}

function complain(why) {
  complaint = { what: null, why };
  render();
}

function troubleInWords() {
  if (waiting.length && trouble) return waiting.length === 1 ? t('waiting_one') : t('waiting', { n: waiting.length });
  if (trouble instanceof NoSignal) return heardAt() && t('stale', { ago: ago(heardAt()) });
  return trouble && t('server_trouble', { status: trouble.status ?? trouble.message });
}

function renderNotices() {
  const words = troubleInWords();
  const dismiss = () => {
    complaint = null;
    render();
  };
  refresh(place.notices, [language(), words, complaint], () => [
    words && el('p.notice', {}, words),
    complaint && el('div.notice.error', { role: 'alert' },
      el('p', {}, complaint.what ? t('not_sent', complaint) : complaint.why),
      el('button', { type: 'button', onclick: dismiss }, t('dismiss'))),
  ]);
}

function route() {
  const match = /^#\/orders\/(\d+)$/.exec(location.hash);
  const [from, to] = [selected, match ? Number(match[1]) : null];
  if (to === from) return;
  if (from === null) listScroll = window.scrollY;
  selected = to;
  opened = null;
  // Whoever comes back to the list looks at it anew; beside an open order it stays as it is.
  if (to === null) layOut();
  render();
  window.scrollTo({ top: to === null ? listScroll : 0 });
  place.content.scrollTo({ top: 0 });
  if (to === null) place.list.querySelector(`a[href="#/orders/${from}"]`)?.focus({ preventScroll: true });
  else poll();
}

/** What stands around everything, in the language in force. */
function frame() {
  say(document.querySelector('.skip'), t('skip'));
  place.list.setAttribute('aria-label', t('orders'));
}

function listen() {
  const touch = () => {
    touched = performance.now();
  };
  for (const event of ['pointerdown', 'keydown', 'wheel', 'touchmove']) addEventListener(event, touch, { passive: true });
  document.querySelector('.skip').addEventListener('click', (event) => {
    // The address holds the order that is open, so the link's own anchor must not get into it.
    event.preventDefault();
    place.content.focus();
  });
  addEventListener('hashchange', route);
  addEventListener('online', poll);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && selected !== null && !document.querySelector('dialog')) location.hash = '#/';
  });
  document.addEventListener('visibilitychange', () => document.hidden || poll());
}

async function start() {
  setLanguage(language());
  frame();
  listen();
  await openQueue();
  route();
  render();
  setInterval(tickCountdowns, 1000);
  setInterval(() => document.hidden || poll(), POLL_MS);
  setInterval(() => fetchClock().catch(() => {}), 30e3);
  setInterval(() => document.hidden || fetchCoverage().catch(() => {}), 30e3);
  await Promise.allSettled([fetchClock(), fetchCoverage(), poll()]);
  render();
}

start();

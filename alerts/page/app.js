/** App: what the page knows, where the person is, and the rhythm in which it asks the service. */

import { NoSignal, read } from './api.js';
import { isEnded, tickCountdowns } from './badges.js';
import { ago, now, setClock } from './clock.js';
import { askWho } from './dialogs.js';
import { el, refresh, say } from './elements.js';
import { foreseen } from './foreseen.js';
import { createList } from './list.js';
import { createOrder } from './order.js';
import { enqueue, flush, openQueue, waiting } from './queue.js';
import { MOVES, OUTCOMES, STATES, language, name, setLanguage, t } from './words.js';

const POLL_MS = 2500;
const PAGE = 50;
const UNTOUCHED_MS = 60e3;

const place = { list: document.getElementById('list'), content: document.getElementById('content'), notices: document.getElementById('notices') };
const known = { open: stored('open'), closed: null };
const details = new Map();
const shown = { open: ids(known.open), closed: [] };
const limit = { open: 4 * PAGE, closed: PAGE };

let tab = 'open';
let selected = null;
let order = null;
let opened = null;
let who = localStorage.getItem('who');
let heard = known.open ? Date.parse(known.open.now) : null;
let trouble = null;
let complaint = null;
let touched = performance.now();
let polling = false;
let listScroll = 0;

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(`kept/${key}`));
  } catch {
    return null;
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(`kept/${key}`, JSON.stringify(value));
  } catch {
    // The phone's memory is full: the page goes on without keeping.
  }
}

function ids(answer) {
  return answer ? answer.items.map((item) => item.id) : [];
}

const list = createList(place.list, {
  showNewest,
  showTab(to) {
    tab = to;
    shown.closed = [];
    render();
    poll();
  },
  showMore() {
    limit[tab] += PAGE;
    poll().then(showNewest);
  },
  async whoAmI() {
    await learnWho(who);
    render();
  },
  switchLanguage() {
    setLanguage(language() === 'zh' ? 'en' : 'zh');
    frame();
    render();
  },
});

async function learnWho(before) {
  const answer = await askWho(before);
  if (!answer) return false;
  who = answer;
  localStorage.setItem('who', who);
  return true;
}

/** Does something to the open order: at once on this phone, and at the service as soon as there is signal. */
async function act(kind, body) {
  if (!who && !(await learnWho(null))) return false;
  const seen = { state: order.state, version: order.version };
  const at = new Date(now()).toISOString();
  await enqueue({ order: selected, kind, body: { ...body, who }, seen, at });
  render();
  send();
  return true;
}

async function send() {
  await flush(arrived, refusedAction);
  render();
}

function arrived(answer) {
  if ('steps' in answer) remember(answer);
  trouble = null;
}

function refusedAction(action, error) {
  const table = { moves: MOVES, outcome: OUTCOMES }[action.kind];
  const what = table ? name(table, action.body.to ?? action.body.outcome) : t(action.kind === 'notes' ? 'note' : 'photos');
  complaint = { what, why: error.message };
  details.delete(action.order);
  refetch(action.order).then(() => {
    const state = details.get(action.order)?.state;
    if (error.status === 409 && state) complaint.why = t('somebody_faster', { state: name(STATES, state) });
    render();
  });
}

function remember(detail) {
  details.set(detail.id, detail);
  keep(`order/${detail.id}`, detail);
  for (const answer of [known.open, known.closed]) {
    const at = answer?.items.findIndex((item) => item.id === detail.id) ?? -1;
    if (at >= 0) answer.items[at] = detail;
  }
}

/** The newest word on everything that is on the screen. */
async function poll() {
  if (polling) return;
  polling = true;
  try {
    const isOpen = tab === 'open';
    known[tab] = await read(`/work-orders?open=${isOpen}&limit=${limit[tab]}`);
    heard = Date.parse(known[tab].now);
    setClock(known[tab].now);
    if (isOpen) keep('open', known.open);
    if (!shown[tab].length || idle()) shown[tab] = ids(known[tab]);
    if (selected !== null) await refetch(selected);
    trouble = null;
    if (waiting.length) send();
  } catch (error) {
    trouble = error;
  } finally {
    polling = false;
    render();
  }
}

/** Fetches an order again if the list says that it has changed, or if the list does not know it. */
async function refetch(id) {
  const have = details.get(id);
  const listed = known.open?.items.find((item) => item.id === id);
  if (have && listed && listed.version === have.version) return;
  try {
    remember(await read(`/work-orders/${id}`));
  } catch (error) {
    if (error.status !== 404) throw error;
    details.set(id, null);
  }
}

function idle() {
  return performance.now() - touched > UNTOUCHED_MS;
}

function showNewest() {
  shown[tab] = ids(known[tab]);
  render();
  window.scrollTo({ top: 0 });
  place.list.scrollTo({ top: 0 });
}

/** What is new since the list was last laid out. */
function news() {
  const newest = known[tab];
  if (!newest || tab === 'closed') return { fresh: 0, resorted: false };
  const seen = new Set(shown.open);
  const fresh = newest.items.filter((item) => !seen.has(item.id));
  const still = newest.items.map((item) => item.id).filter((id) => seen.has(id));
  const before = shown.open.filter((id) => still.includes(id));
  return { fresh: fresh.length, urgent: fresh[0]?.level, resorted: still.some((id, index) => id !== before[index]) };
}

function listed() {
  const items = new Map((known[tab]?.items ?? []).map((item) => [item.id, item]));
  return shown[tab].map((id) => items.get(id) ?? details.get(id) ?? before.get(id)).filter(Boolean);
}

/** Orders that left the list while they were on the screen: they stay, as they were last heard of. */
const before = new Map();

function render() {
  for (const item of known[tab]?.items ?? []) before.set(item.id, item);
  const items = listed().map((item) => foreseen(item, waiting));
  const all = (known.open?.items ?? []).filter((item) => !isEnded(foreseen(item, waiting)));
  list.update({
    tab, who, selected, shown: items, news: news(),
    counts: { open: Math.max(all.length, known.open?.total ?? 0), overdue: all.filter((item) => item.overdue).length },
    hasMore: Boolean(known[tab]?.next),
    state: known[tab] ? 'ready' : trouble ? 'no_signal' : 'loading',
  });
  renderOrder();
  renderNotices();
  document.title = all.length ? `(${all.length}) ${t('product')}` : t('product');
}

function renderOrder() {
  document.body.dataset.view = selected === null ? 'list' : 'order';
  if (selected === null) {
    order = opened = null;
    place.content.shown = undefined;
    return place.content.replaceChildren(el('p.empty', {}, t('choose')));
  }
  const detail = details.get(selected) ?? (details.has(selected) ? null : stored(`order/${selected}`));
  if (!detail) {
    opened = null;
    const sentence = details.has(selected) ? t('not_found') : t(trouble ? 'no_signal_order' : 'loading_order', { id: selected });
    return place.content.replaceChildren(
      el('header.order-top', {}, el('a.tool.to-list', { href: '#/' }, t('back'))), el('p.empty', {}, sentence));
  }
  order = foreseen(detail, waiting);
  if (opened?.id !== selected) {
    opened = { id: selected, ...createOrder(place.content, selected, { act, complain }) };
    opened.update(order);
    place.content.querySelector('h1').focus({ preventScroll: true });
  } else opened.update(order);
  return undefined;
}

function complain(why) {
  complaint = { what: null, why };
  render();
}

function renderNotices() {
  const lines = [];
  if (waiting.length && trouble) lines.push(waiting.length === 1 ? t('waiting_one') : t('waiting', { n: waiting.length }));
  else if (trouble instanceof NoSignal && heard) lines.push(t('stale', { ago: ago(new Date(heard).toISOString()) }));
  else if (trouble && !(trouble instanceof NoSignal)) lines.push(t('server_trouble', { status: trouble.status ?? '?' }));
  refresh(place.notices, [language(), lines, complaint], () => [
    lines.map((line) => el('p.notice', {}, line)),
    complaint && el('div.notice.error', { role: 'alert' },
      el('p', {}, complaint.what ? t('not_sent', complaint) : complaint.why),
      el('button', { type: 'button', onclick: () => { complaint = null; render(); } }, t('dismiss'))),
  ]);
}

function route() {
  const match = /^#\/orders\/(\d+)$/.exec(location.hash);
  const to = match ? Number(match[1]) : null;
  if (to === selected) return;
  if (selected === null) listScroll = window.scrollY;
  const from = selected;
  selected = to;
  opened = null;
  if (to === null) shown[tab] = ids(known[tab]);
  render();
  window.scrollTo({ top: to === null ? listScroll : 0 });
  place.content.scrollTo({ top: 0 });
  if (to === null) place.list.querySelector(`a[href="#/orders/${from}"]`)?.focus({ preventScroll: true });
  else refetch(to).then(render, (error) => { trouble = error; render(); });
}

/** What stands around everything, in the language in force. */
function frame() {
  say(document.querySelector('.skip'), t('skip'));
  place.list.setAttribute('aria-label', t('orders'));
}

async function start() {
  setLanguage(language());
  frame();
  await openQueue();
  route();
  render();
  for (const event of ['pointerdown', 'keydown', 'scroll']) addEventListener(event, () => { touched = performance.now(); }, { passive: true, capture: true });
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
  setInterval(tickCountdowns, 1000);
  setInterval(() => document.hidden || poll(), POLL_MS);
  await Promise.allSettled([tellSpeed(), poll()]);
  setInterval(tellSpeed, 30e3);
}

async function tellSpeed() {
  const { now: theirs, speed } = await read('/clock');
  setClock(theirs, speed);
}

start();

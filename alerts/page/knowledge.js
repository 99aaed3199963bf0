/** Knowledge: what the service last said of lists and orders, kept on the phone for when there is no signal. */

import { read } from './api.js';
import { setClock } from './clock.js';

const PAGE = 100;

/** By tab, the newest answer: {items, next, total, now}; null before the first. */
export const lists = { open: kept('open'), closed: null };

/** By id, the newest detail; null when the service has no such order. */
const details = new Map();

/** Orders that left a list while they were on the screen, as they were last heard of. */
const seen = new Map((lists.open?.items ?? []).map((item) => [item.id, item]));

/** How many pages of each list are asked for. */
const pages = { open: 1, closed: 1 };

function kept(key) {
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
    // The phone's memory for pages is full: forget the orders that were kept, and go on without keeping this one.
    for (const old of Object.keys(localStorage)) if (old.startsWith('kept/order/')) localStorage.removeItem(old);
  }
}

/** When the service was last heard, as ISO time; null if never. */
export function heardAt() {
  return lists.open?.now ?? null;
}

/** The orders of a list, most urgent first. */
export function items(tab) {
  return lists[tab]?.items ?? [];
}

/** An order as last heard of, in whatever detail; undefined if never. */
export function summaryOf(id) {
  return details.get(id) ?? seen.get(id);
}

/** The detail of an order: null when there is none, undefined when nothing is known yet. */
export function detailOf(id) {
  if (details.has(id)) return details.get(id);
  return kept(`order/${id}`) ?? undefined;
}

/** Takes over an order as the service told it. */
export function remember(detail) {
  details.set(detail.id, detail);
  seen.set(detail.id, detail);
  keep(`order/${detail.id}`, detail);
  for (const answer of [lists.open, lists.closed]) {
    const at = answer?.items.findIndex((item) => item.id === detail.id) ?? -1;
    if (at >= 0) answer.items[at] = detail;
  }
}

/** Asks for one page more from now on. */
export function askForMore(tab) {
  pages[tab] += 1;
}

/** Fetches a list. */
export async function fetchList(tab) {
  const query = `/work-orders?open=${tab === 'open'}&limit=${PAGE}`;
  let answer = await read(query);
  const found = [...answer.items];
  for (let page = 1; page < pages[tab] && answer.next; page += 1) {
    answer = await read(`${query}&cursor=${encodeURIComponent(answer.next)}`);
    found.push(...answer.items);
  }
  lists[tab] = { ...answer, items: found };
  setClock(answer.now);
  for (const item of found) seen.set(item.id, item);
  if (tab === 'open') {
    keep('open', lists.open);
    forgetEnded();
  }
}

/** An order that is not open any more is not worth the phone's memory. */
function forgetEnded() {
  const open = new Set(items('open').map((item) => `kept/order/${item.id}`));
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith('kept/order/') && !open.has(key)) localStorage.removeItem(key);
  }
}

/** Fetches an order, unless the list says that the one we have is the newest. */
export async function fetchOrder(id, always = false) {
  const have = details.get(id);
  const listed = items('open').find((item) => item.id === id);
  if (!always && have && listed?.version === have.version) return;
  try {
    remember(await read(`/work-orders/${id}`));
  } catch (error) {
    if (error.status !== 404) throw error;
    details.set(id, null);
  }
}

/** What is not being watched, as the service last said; null before that. */
export let coverage = null;

/** Asks what is not being watched. */
export async function fetchCoverage() {
  coverage = await read('/coverage');
}

/** Fetches the service's clock. */
export async function fetchClock() {
  const { now, speed } = await read('/clock');
  setClock(now, speed);
}

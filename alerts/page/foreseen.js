/** Foreseen: a work order as it will be once what is waiting on this phone has arrived. */

import { STATES } from './words.js';

const WAY = ['new', 'dispatched', 'accepted', 'on_site', 'resolved', 'verified', 'closed'];
const BEFORE_RESOLVED = ['new', 'dispatched', 'accepted', 'on_site', 'reopened'];

function movesFrom(state, outcome) {
  if (state === 'closed') return ['reopened'];
  if (state === 'cancelled') return [];
  const ahead = WAY.slice(state === 'reopened' ? 1 : WAY.indexOf(state) + 1);
  const ways = [...ahead, BEFORE_RESOLVED.includes(state) ? 'cancelled' : 'reopened'];
  return ways.filter((to) => to !== 'closed' || outcome);
}

/**
 * The order with the waiting actions done to it.
 * @param {object} order A summary or detail of the API; it is not changed.
 * @param {Array<object>} waiting Actions of the queue, any order's.
 */
export function foreseen(order, waiting) {
  const mine = waiting.filter((action) => action.order === order.id);
  if (!mine.length) return order;
  const next = { ...order, pending: mine.length };
  for (const { kind, body, at, key } of mine) {
    const entry = { at, who: body.who, from: null, to: null, note: body.note ?? null, pending: true };
    if (kind === 'moves') {
      entry.action = 'moved';
      entry.from = next.state;
      entry.to = body.to;
      next.state = body.to;
      next.state_name = { zh: STATES[body.to][0], en: STATES[body.to][1] };
    } else if (kind === 'outcome') {
      entry.action = 'outcome';
      entry.to = body.outcome;
      next.outcome = body.outcome;
    } else if (kind === 'notes') {
      entry.action = 'noted';
      entry.note = body.text;
    } else {
      entry.action = 'photo';
      next.photos = [...(next.photos ?? []), { id: key, file: body.file, kind: body.kind, who: body.who, at, pending: true }];
    }
    next.history = [...(next.history ?? []), entry];
  }
  next.moves = movesFrom(next.state, next.outcome);
  return next;
}

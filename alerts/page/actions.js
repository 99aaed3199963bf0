/** Actions: the next step in thumb's reach, and the other steps behind one button. */

import { isEnded } from './badges.js';
import { askMove, askNote } from './dialogs.js';
import { el, icon, refresh } from './elements.js';
import { MOVES, language, name, t } from './words.js';

const NEXT = { new: 'accepted', dispatched: 'accepted', reopened: 'accepted', accepted: 'on_site', on_site: 'resolved' };
const NEEDS_NOTE = ['cancelled'];
const NOTE_OFFERED = ['cancelled', 'reopened', 'dispatched'];

/** What the main button does: a move, or `found` when the outcome must come first, or null at the end. */
export function nextStep(order) {
  const next = NEXT[order.state];
  if (next && order.moves.includes(next)) return next;
  if (isEnded(order)) return null;
  return order.moves.includes('closed') ? 'closed' : 'found';
}

/**
 * The bar at the bottom of a work order.
 * @param {object} hands `act(kind, body)`.
 * @param {object} found The section that says what was found, to be shown when closing needs it.
 */
export function createActions(hands, found) {
  const element = el('footer.actions', {});

  async function more(order, next) {
    const answer = await askMove(order.moves.filter((move) => move !== next));
    if (answer === 'print') return window.print();
    if (!answer) return undefined;
    const { to } = answer;
    if (!NOTE_OFFERED.includes(to)) return hands.act('moves', { to });
    const said = await askNote(to, NEEDS_NOTE.includes(to));
    if (!said) return undefined;
    return hands.act('moves', said.note ? { to, note: said.note } : { to });
  }

  function update(order) {
    refresh(element, [language(), order.state, order.moves], () => {
      const next = nextStep(order);
      const main = next === null ? el('p.muted', {}, t('all_done'))
        : next === 'found' ? el('button.primary', { type: 'button', onclick: found.show }, t('say_found'))
          : el('button.primary', { type: 'button', 'data-move': next, onclick: () => hands.act('moves', { to: next }) }, name(MOVES, next));
      return [main, el('button.secondary.more', { type: 'button', 'aria-label': t('move_title'), onclick: () => more(order, next) }, icon('more'), el('span', {}, t('more')))];
    });
  }

  return { element, update };
}

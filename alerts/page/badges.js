/** Badges: level, state and deadline, the same wherever they stand. */

import { countdown, nextDeadline } from './clock.js';
import { el, icon, say } from './elements.js';
import { LEVELS, name, said, t } from './words.js';

const ENDED = ['closed', 'cancelled'];

/** The level as a colour, a shape and a word. */
export function levelBadge(level) {
  return el('span.badge', { 'data-level': level }, icon(`level-${level}`), el('span', {}, name(LEVELS, level)));
}

/** The state in words. */
export function stateChip(order) {
  const pending = order.pending ? ` · ${t('pending')}` : '';
  return el('span.chip', { 'data-state': order.state }, said(order.state_name) + pending);
}

/** Whether nothing is left to do. */
export function isEnded(order) {
  return ENDED.includes(order.state);
}

/** The deadline that counts, ticking; empty when none is left. */
export function nextCountdown(order) {
  const deadline = isEnded(order) ? null : nextDeadline(order);
  return deadline ? countdownOf(deadline) : null;
}

/** One deadline, ticking; `whole` names it also when it has passed. */
export function countdownOf(deadline, whole = false) {
  const words = el('span', {});
  const line = el('span.countdown', {}, icon('clock'), words);
  line.tick = () => {
    const { text, urgency } = countdown(deadline, whole);
    say(words, text);
    if (line.dataset.urgency !== urgency) line.dataset.urgency = urgency;
  };
  line.tick();
  return line;
}

/** Moves every countdown on the page on. */
export function tickCountdowns() {
  for (const line of document.querySelectorAll('.countdown')) line.tick();
}

/** Dialogs: the few questions the page asks, and a photo seen large. */

import { el } from './elements.js';
import { MOVES, name, t } from './words.js';

/** Shows a dialog until it is closed; resolves with what it was closed with, null when it was left. */
function ask(title, build) {
  return new Promise((resolve) => {
    let answer = null;
    const dialog = el('dialog', { 'aria-label': title });
    const close = (value) => {
      answer = value;
      dialog.close();
    };
    dialog.append(...build(close).filter(Boolean));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The person's name, or null if they went back. */
export function askWho(before) {
  return ask(t('who_title'), (close) => {
    const field = el('input', { id: 'who', name: 'name', autocomplete: 'name', maxlength: 80, required: true, value: before ?? '' });
    const save = (event) => {
      event.preventDefault();
      if (field.value.trim()) close(field.value.trim());
    };
    return [
      el('form', { onsubmit: save },
        el('h2', {}, t('who_title')),
        el('p', {}, t('who_text')),
        el('label', { for: 'who' }, t('who_label')),
        field,
        el('div.buttons', {},
          el('button.secondary', { type: 'button', onclick: () => close(null) }, t('cancel')),
          el('button.primary', {}, t('who_save')))),
    ];
  });
}

/**
 * One of the moves that are not the next step, with a note.
 * @returns {Promise<{to: string, note: string|null}|'print'|null>}
 */
export function askMove(moves) {
  return ask(t('move_title'), (close) => [
    el('h2', {}, t('move_title')),
    el('div.choices', {},
      moves.map((to) =>
        el('button', { type: 'button', 'data-move': to, class: to === 'cancelled' ? 'dangerous' : null, onclick: () => close({ to }) }, name(MOVES, to))),
      el('button', { type: 'button', onclick: () => close('print') }, t('print')),
      el('button.secondary', { type: 'button', onclick: () => close(null) }, t('cancel'))),
  ]);
}

/** A note for a move; `needed` when the move may not go without one. */
export function askNote(move, needed) {
  const title = t('note_for', { move: name(MOVES, move) });
  return ask(title, (close) => {
    const field = el('textarea', { id: 'move-note', rows: 3, maxlength: 2000, required: needed });
    const save = (event) => {
      event.preventDefault();
      close({ note: field.value.trim() || null });
    };
    return [
      el('form', { onsubmit: save },
        el('h2', {}, title),
        el('label', { for: 'move-note' }, t(needed ? 'note_needed' : 'note_optional')),
        field,
        el('div.buttons', {},
          el('button.secondary', { type: 'button', onclick: () => close(null) }, t('cancel')),
          el('button', { class: move === 'cancelled' ? 'primary dangerous' : 'primary' }, name(MOVES, move)))),
    ];
  });
}

/** A picture as large as the screen. */
export function showLarge(url, caption) {
  return ask(caption, (close) => [
    el('figure.large', {}, el('img', { src: url, alt: caption }), el('figcaption', {}, caption)),
    el('button.primary', { type: 'button', onclick: () => close(null) }, t('cancel')),
  ]);
}

/** Found: what the crew found, in one tap, a photo and a note. */

import { isEnded } from './badges.js';
import { absolute } from './clock.js';
import { showLarge } from './dialogs.js';
import { el, icon, refresh } from './elements.js';
import { smaller } from './photo.js';
import { OUTCOMES, PHOTO_KINDS, language, name, t } from './words.js';

const AFTER = ['resolved', 'verified', 'closed'];

/**
 * The section with outcome, photos and note; the note's field is never built again while it is written in.
 * @param {number} id Of the order.
 * @param {object} hands `act(kind, body)`, which resolves to whether it was done, and `complain(text)`.
 */
export function createFound(id, hands) {
  const draft = `draft/${id}`;
  const title = el('h2', { tabindex: '-1' });
  const outcomes = el('div.outcomes', {});
  const photos = el('div.photos', {});
  const noteLabel = el('label', { for: 'note' });
  const note = el('textarea', { id: 'note', rows: 3, maxlength: 2000 });
  const save = el('button.secondary', {}, '');
  const form = el('form.note', {}, noteLabel, note, save);
  const sign = el('p.sign', {});
  const element = el('section.found', { 'data-part': 'found' }, title, outcomes, photos, form, sign);
  const urls = new Map();
  let kind = null;
  let last = null;

  note.value = localStorage.getItem(draft) ?? '';
  note.addEventListener('input', () => localStorage.setItem(draft, note.value));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = note.value.trim();
    if (!text) return note.focus();
    if (await hands.act('notes', { text })) {
      note.value = '';
      localStorage.removeItem(draft);
    }
  });

  /** A photo not yet sent is shown from the phone's own memory. */
  function urlOf(photo) {
    if (!photo.file) return photo.url;
    if (!urls.has(photo.id)) urls.set(photo.id, URL.createObjectURL(photo.file));
    return urls.get(photo.id);
  }

  async function take(event) {
    const [file] = event.target.files;
    event.target.value = '';
    if (!file) return;
    try {
      await hands.act('photos', { file: await smaller(file), kind: kind ?? usualKind(last) });
    } catch {
      hands.complain(t('photo_failed'));
    }
  }

  function photosOf(order) {
    const current = kind ?? usualKind(order);
    const pick = (value) => el('button', {
      type: 'button', 'aria-pressed': String(value === current),
      onclick: () => { kind = value; update(last); },
    }, name(PHOTO_KINDS, value));
    const shots = order.photos.map((photo) => {
      const caption = t('photo_of', { kind: name(PHOTO_KINDS, photo.kind), who: photo.who });
      return el('button.photo', { type: 'button', onclick: () => showLarge(urlOf(photo), `${caption} · ${absolute(photo.at, order.timezone)}`) },
        el('img', { src: urlOf(photo), alt: caption }), el('span', {}, photo.pending ? t('pending') : name(PHOTO_KINDS, photo.kind)));
    });
    return [
      el('h3', {}, t('photos')),
      shots.length > 0 && el('div.shots', {}, shots),
      el('div.camera', {},
        el('div.tabs', { role: 'group', 'aria-label': t('photos') }, Object.keys(PHOTO_KINDS).map(pick)),
        el('label.button.secondary', {}, icon('camera'), t('take_photo'),
          el('input.hidden-input', { type: 'file', accept: 'image/*', capture: 'environment', onchange: take }))),
    ];
  }

  function outcomesOf(order) {
    return [
      el('h3', {}, t('outcome')),
      el('p.muted', {}, t('outcome_hint')),
      el('div.outcome-buttons', { role: 'group', 'aria-label': t('outcome') }, Object.keys(OUTCOMES).map((outcome) =>
        el('button', {
          type: 'button', 'data-outcome': outcome, 'aria-pressed': String(outcome === order.outcome),
          disabled: isEnded(order), onclick: () => hands.act('outcome', { outcome }),
        }, icon('done'), name(OUTCOMES, outcome)))),
    ];
  }

  function update(order) {
    last = order;
    refresh(title, [language()], () => [document.createTextNode(t('q_found'))]);
    refresh(outcomes, [language(), order.outcome, order.state], () => outcomesOf(order));
    refresh(photos, [language(), kind, usualKind(order), order.photos], () => photosOf(order));
    refresh(noteLabel, [language()], () => [document.createTextNode(t('note'))]);
    note.placeholder = t('note_hint');
    refresh(sign, [language()], () => [el('span', {}, t('sign')), el('span', {}, t('sign_date'))]);
    refresh(save, [language()], () => [document.createTextNode(t('add_note'))]);
  }

  /** Brings the section under the eyes. */
  function show() {
    element.scrollIntoView({ block: 'start', behavior: 'smooth' });
    title.focus({ preventScroll: true });
  }

  return { element, update, show };
}

function usualKind(order) {
  if (AFTER.includes(order.state)) return 'after';
  return order.state === 'on_site' && order.photos.some((photo) => photo.kind === 'before') ? 'after' : 'before';
}

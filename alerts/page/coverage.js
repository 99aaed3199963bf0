/** Coverage: what nobody is watching right now, folded away at the end of the list until somebody wants to know. */

import { el, icon, refresh, say } from './elements.js';
import { language, said, t } from './words.js';

const MOST = 30;

/** Lines about the same asset for the same reason, as one. */
function grouped(items) {
  const groups = new Map();
  for (const item of items) {
    const key = `${item.asset} ${item.sentence.en}`;
    const group = groups.get(key) ?? { ...item, modes: [] };
    group.modes.push(item.mode_name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function line(group) {
  return el(
    'li', {},
    el('p.blind-what', {}, el('b', {}, said(group.place)), ' ', el('span.muted', {}, group.modes.map(said).join(t('comma')))),
    el('p', {}, said(group.sentence)),
  );
}

/**
 * The fold in its place on the page.
 * @param {HTMLElement} place Where it stands.
 */
export function createCoverage(place) {
  const title = el('span', {});
  const lines = el('ul.blind', {});
  // Its parts are filled, never replaced: whoever has opened it reads on while it is asked again.
  const fold = el('details.coverage', {}, el('summary', {}, icon('eye-off'), title), lines);
  const fine = el('p.muted.covered', {});
  place.append(fold, fine);

  function update(coverage) {
    const blind = (coverage?.items ?? []).filter((item) => item.standing !== 'learning');
    const learning = (coverage?.items ?? []).length - blind.length;
    fold.hidden = !blind.length;
    fine.hidden = !coverage || blind.length > 0;
    const groups = grouped(blind);
    say(title, t('blind', { n: new Set(blind.map((item) => item.asset)).size }));
    say(fine, learning ? t('covered_learning', { n: learning }) : t('covered'));
    refresh(lines, [language(), groups], () => [
      ...groups.slice(0, MOST).map(line),
      groups.length > MOST && el('li.muted', {}, t('blind_more', { n: groups.length - MOST })),
    ]);
  }

  return { update };
}

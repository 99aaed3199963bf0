/** Clock: the service's time, which runs faster in a simulation, and times as people read them. */

import { language, said, t } from './words.js';

const MINUTE = 60e3, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

// Kept over a reload, so that countdowns are right on a phone without signal.
let heard = JSON.parse(localStorage.getItem('clock') ?? 'null') ?? { base: Date.now(), read: Date.now(), speed: 1 };

/** Takes over what the service said. */
export function setClock(theirs, speed = heard.speed) {
  heard = { base: Date.parse(theirs), read: Date.now(), speed };
  localStorage.setItem('clock', JSON.stringify(heard));
}

/** The service's time, in milliseconds since the epoch; the phone's own until the service has been heard. */
export function now() {
  return heard.base + (Date.now() - heard.read) * heard.speed;
}

function parts(at, zone, options) {
  return new Intl.DateTimeFormat(language() === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: zone, ...options }).format(at);
}

/** The day and the wall clock of the site: "11月22日 03:10", without the day if it is today's. */
export function absolute(iso, zone) {
  const at = new Date(iso);
  const day = (when) => parts(when, zone, { year: 'numeric', month: 'numeric', day: 'numeric' });
  const time = parts(at, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  if (day(at) === day(new Date(now()))) return time;
  const date = parts(at, zone, { month: language() === 'zh' ? 'long' : 'short', day: 'numeric' });
  return `${date} ${time}`;
}

/** How long ago: "3 分钟前". */
export function ago(iso) {
  const past = now() - Date.parse(iso);
  if (past < MINUTE) return t('just_now');
  if (past < HOUR) return t('minutes_ago', { n: Math.floor(past / MINUTE) });
  if (past < DAY) return t('hours_ago', { n: Math.floor(past / HOUR) });
  return t('days_ago', { n: Math.floor(past / DAY) });
}

/** Relative and absolute together: "3 分钟前 · 03:10". */
export function moment(iso, zone) {
  return `${ago(iso)} · ${absolute(iso, zone)}`;
}

/** A length of time: "12:34", "3 小时 12 分", "18 小时", "2 天 3 小时". */
function length(ms) {
  const seconds = Math.floor(ms / 1000);
  if (ms < HOUR) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  if (ms < 10 * HOUR) return t('hours_minutes', { h: Math.floor(ms / HOUR), m: Math.floor((ms % HOUR) / MINUTE) });
  if (ms < DAY) return t('hours', { h: Math.floor(ms / HOUR) });
  return t('days_hours', { d: Math.floor(ms / DAY), h: Math.floor((ms % DAY) / HOUR) });
}

/** The deadline that counts now: the earliest that is not met, or null. */
export function nextDeadline(order) {
  const open = order.deadlines.filter((deadline) => !deadline.met_at);
  return open.sort((a, b) => a.by.localeCompare(b.by))[0] ?? null;
}

/** What a deadline's countdown says now; `whole` names the deadline also when it has passed. */
export function countdown(deadline, whole) {
  const left = Date.parse(deadline.by) - now();
  const what = said(deadline.label);
  if (left < 0) return { text: t(whole ? 'what_overdue' : 'overdue_by', { what, length: length(-left) }), urgency: 'overdue' };
  const text = t('left', { what, length: length(left) });
  return { text, urgency: left < 5 * MINUTE ? 'soon' : 'ahead' };
}

/** Queue: actions on their way to the service, kept on the phone until they have arrived. */

import { NoSignal, Refused, newKey, read, send } from './api.js';

const STORE = 'actions';

/** Actions not yet sent, oldest first: {id, key, order, kind, body, seen: {state, version}, at}. */
export const waiting = [];

let database = null;
let sending = false;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function store(mode) {
  return database.transaction(STORE, mode).objectStore(STORE);
}

/** Brings back what was not sent when the page was last closed. */
export async function openQueue() {
  try {
    const opening = indexedDB.open('precomplaint', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'id', autoIncrement: true });
    database = await done(opening);
    waiting.push(...(await done(store('readonly').getAll())));
  } catch {
    // Private windows of some browsers have no database: actions then live as long as the page.
    database = null;
  }
}

/** Adds an action; it counts as done on this phone from now on. */
export async function enqueue(action) {
  const whole = { ...action, key: newKey() };
  waiting.push(whole);
  if (database) whole.id = await done(store('readwrite').add(whole));
}

async function drop(action) {
  waiting.splice(waiting.indexOf(action), 1);
  if (database) await done(store('readwrite').delete(action.id));
}

/**
 * Sends what is waiting, in order, until all is sent or there is no signal.
 * @param {function(object): void} arrived Called with the service's answer to each.
 * @param {function(object, Error): void} refused Called with an action that cannot be done, and why.
 * @returns {Promise<boolean>} Whether nothing is left.
 */
export async function flush(arrived, refused) {
  if (sending) return false;
  sending = true;
  try {
    while (waiting.length) {
      const action = waiting[0];
      try {
        const answer = await sendOnce(action);
        await drop(action);
        arrived(answer, action);
      } catch (error) {
        if (error instanceof NoSignal || error.status >= 500 || error.status === 429) return false;
        await drop(action);
        refused(action, error);
      }
    }
    return true;
  } finally {
    sending = false;
  }
}

/**
 * A move says which version was on the screen. If only a note or a photo came in between, the state is still the
 * one the person saw and the move is meant all the same; if the state has changed, it is for the person to decide.
 */
async function sendOnce(action) {
  if (action.kind !== 'moves') return send(action);
  try {
    return await send(action, action.seen.version);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 409) throw error;
    const order = await read(`/work-orders/${action.order}`);
    if (order.state === action.body.to) return order;
    if (order.state !== action.seen.state || !order.moves.includes(action.body.to)) throw error;
    action.key = newKey();
    if (database) await done(store('readwrite').put(action));
    return send(action, order.version);
  }
}

/** API: requests that give up on a weak signal and errors that say what happened. */

const API = '/api/v1';
const PATIENCE_MS = 15e3;

/** The service could not be reached, or not in time. */
export class NoSignal extends Error {}

/** The service answered that it cannot do this; `status` and `problem` say why (RFC 9457). */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
  }
}

async function request(path, options = {}) {
  const given = new AbortController();
  const timer = setTimeout(() => given.abort(), PATIENCE_MS);
  try {
    return await fetch(API + path, { ...options, signal: given.signal });
  } catch (cause) {
    throw new NoSignal(String(cause));
  } finally {
    clearTimeout(timer);
  }
}

async function answer(response) {
  if (response.ok) return response.json();
  // A proxy's error page is not JSON; the status says enough.
  throw new Refused(response.status, await response.json().catch(() => ({})));
}

const known = new Map();

/** The JSON at a path; asks only whether it has changed where the service gives an ETag. */
export async function read(path) {
  const before = known.get(path);
  const response = await request(path, before ? { headers: { 'If-None-Match': before.tag } } : {});
  if (response.status === 304) return before.body;
  const body = await answer(response);
  const tag = response.headers.get('ETag');
  if (tag) known.set(path, { tag, body });
  return body;
}

/** Sends an action; the same key twice does it once. */
export async function send(action, version) {
  const headers = { 'Idempotency-Key': action.key };
  const path = `/work-orders/${action.order}/${action.kind}`;
  if (action.kind !== 'photos') {
    const body = action.kind === 'moves' && version ? { ...action.body, version } : action.body;
    headers['Content-Type'] = 'application/json';
    return answer(await request(path, { method: 'POST', headers, body: JSON.stringify(body) }));
  }
  const form = new FormData();
  form.append('file', action.body.file, 'photo.jpg');
  form.append('kind', action.body.kind);
  form.append('who', action.body.who);
  return answer(await request(path, { method: 'POST', headers, body: form }));
}

/** A key that no other action has; works without a secure context, unlike crypto.randomUUID. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Requests to the API of the server that the page came from.

/** Refused is what the API says went wrong. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || "the server did not answer");
    this.problem = problem;
    this.code = problem.code;
  }

  /** text says it for people, with the fields that are wrong. */
  get text() {
    const fields = (this.problem.errors || []).map((e) => `${e.location.replace(/^body\.?/, "")}: ${e.message}`);
    const needs = this.problem.needs ? ` (needs ${this.problem.needs.replace("role:", "the role ")})` : "";
    const wait = this.problem.retry_after ? ` Try again in ${this.problem.retry_after} s.` : "";
    if (fields.length > 0) return fields.join("; ");
    return this.message.charAt(0).toUpperCase() + this.message.slice(1) + needs + "." + wait;
  }
}

let signedOut = () => {};

/** onSignedOut is called when the server does not know any more who one is. */
export function onSignedOut(f) { signedOut = f; }

/** call makes a request. extra may have body, reason and etag. */
export async function call(method, path, extra = {}) {
  const headers = {};
  if (extra.body !== undefined) headers["Content-Type"] = "application/json";
  if (extra.reason) headers["X-Audit-Log-Reason"] = encodeURIComponent(extra.reason);
  if (extra.etag) headers["If-Match"] = extra.etag;
  let response;
  try {
    response = await fetch(path, {method, headers, body: extra.body === undefined ? undefined : JSON.stringify(extra.body), credentials: "same-origin"});
  } catch {
    throw new Refused({code: "unavailable", detail: "the server can't be reached"});
  }
  const text = await response.text();
  let value = {};
  try { value = text ? JSON.parse(text) : {}; } catch { value = {detail: text}; }
  if (!response.ok) {
    if (response.status === 401 && !extra.signingIn) signedOut();
    throw new Refused({status: response.status, title: response.statusText, ...value});
  }
  if (value && typeof value === "object") Object.defineProperty(value, "etag", {value: response.headers.get("ETag")});
  return value;
}

export const get = (path) => call("GET", path);
export const post = (path, body, reason) => call("POST", path, {body, reason});
export const patch = (path, body, reason, etag) => call("PATCH", path, {body, reason, etag});
export const remove = (path, reason) => call("DELETE", path, {reason});

/** query makes the part behind the question mark of what is not empty. */
export function query(values) {
  const set = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null && value !== false);
  return set.length ? "?" + new URLSearchParams(set) : "";
}

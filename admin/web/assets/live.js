// What is on the server at this moment, as its events say.

const kept = 900; // figures, one each two seconds

export const live = {
  connected: false,
  ready: false,
  channels: new Map(),
  people: new Map(),
  talking: new Set(),
  stats: null,
  history: [], // {t, ...rates}
};

const listeners = new Map(); // what -> functions

/** on has f called when something is another: "people", "talk", "stats", "chat", "state". */
export function on(what, f) {
  if (!listeners.has(what)) listeners.set(what, new Set());
  listeners.get(what).add(f);
  return () => listeners.get(what).delete(f);
}

const changed = new Set();

// tell calls the listeners, once for all that comes in one moment.
function tell(what, detail) {
  if (detail !== undefined) {
    for (const f of listeners.get(what) || []) f(detail);
    return;
  }
  if (changed.size === 0) queueMicrotask(flush);
  changed.add(what);
}

function flush() {
  const all = [...changed];
  changed.clear();
  for (const what of all) for (const f of [...(listeners.get(what) || [])]) f();
}

const events = {
  reset() {
    live.ready = false;
    live.channels.clear();
    live.people.clear();
    live.talking.clear();
  },
  "watch.ready"() { live.ready = true; },
  "channel.updated"({channels}) { for (const ch of channels) live.channels.set(ch.id, ch); },
  "channel.deleted"({channels}) { for (const ch of channels) live.channels.delete(ch.id); },
  "user.joined"({users}) { for (const user of users) live.people.set(user.session, user); },
  "user.updated"({users}) {
    for (const user of users) {
      live.people.set(user.session, user);
      if (!user.channel) live.talking.delete(user.session);
    }
  },
  "user.left"({users}) {
    for (const user of users) {
      live.people.delete(user.session);
      live.talking.delete(user.session);
    }
  },
  "voice.activity"({talking, silent}) {
    for (const id of talking || []) live.talking.add(id);
    for (const id of silent || []) live.talking.delete(id);
  },
};

let source = null;
let ended = () => {};
let retry = 0;

/** connect follows the server's events until disconnect. onEnd is called when the
 *  server says that it is over. */
export function connect(onEnd) {
  ended = onEnd;
  open();
}

export function disconnect() {
  ended = () => {};
  clearTimeout(retry);
  if (source) source.close();
  source = null;
  live.history = [];
  live.stats = null;
  setConnected(false);
}

function setConnected(is) {
  if (live.connected === is) return;
  live.connected = is;
  tell("state");
}

function open() {
  source = new EventSource("/api/events");
  source.onopen = () => setConnected(true);
  source.onerror = () => {
    setConnected(false);
    if (source && source.readyState === EventSource.CLOSED) {
      clearTimeout(retry);
      retry = setTimeout(open, 2000 + 2000 * Math.random());
      ended("lost");
    }
  };
  for (const [name, act] of Object.entries(events)) {
    source.addEventListener(name, (event) => {
      act(JSON.parse(event.data));
      tell(name === "voice.activity" ? "talk" : "people");
    });
  }
  for (const name of ["chat.sent", "chat.edited", "chat.deleted"]) {
    source.addEventListener(name, (event) => tell("chat", {name, ...JSON.parse(event.data)}));
  }
  source.addEventListener("stats", (event) => takeStats(JSON.parse(event.data)));
  source.addEventListener("closed", (event) => {
    source.close();
    setConnected(false);
    ended(JSON.parse(event.data).code);
    clearTimeout(retry);
    retry = setTimeout(open, 2000);
  });
}

// takeStats keeps a figure and works out the rates since the one before.
function takeStats(now) {
  const before = live.stats;
  live.stats = now;
  const t = Date.parse(now.time) / 1000;
  if (before) {
    const span = t - Date.parse(before.time) / 1000;
    const rate = (f) => Math.max(0, (f(now) - f(before)) / span);
    const dropped = (s) => Object.values(s.voice.dropped).reduce((sum, n) => sum + n, 0);
    if (span > 0) {
      live.history.push({
        t, people: now.people, talking: now.talking,
        inBits: 8 * rate((s) => s.voice.in_bytes), outBits: 8 * rate((s) => s.voice.out_bytes),
        inPackets: rate((s) => s.voice.in_packets), outPackets: rate((s) => s.voice.out_packets),
        dropped: rate(dropped), cpu: 100 * rate((s) => s.cpu_seconds), memory: now.memory_bytes,
        roundTrip: now.round_trip.median_ms || null,
      });
      if (live.history.length > kept) live.history.shift();
    }
  }
  tell("stats");
}

/** tree gives the channels in their order: [{channel, depth, people}]. */
export function tree() {
  const below = new Map();
  for (const ch of live.channels.values()) {
    const parent = live.channels.has(ch.parent) ? ch.parent : 0;
    if (!below.has(parent)) below.set(parent, []);
    below.get(parent).push(ch);
  }
  const inside = new Map();
  for (const person of live.people.values()) {
    if (!inside.has(person.channel)) inside.set(person.channel, []);
    inside.get(person.channel).push(person);
  }
  for (const people of inside.values()) people.sort((a, b) => a.name.localeCompare(b.name));
  const rows = [];
  const walk = (parent, depth, path) => {
    for (const ch of (below.get(parent) || []).sort((a, b) => a.position - b.position || a.id - b.id)) {
      const full = path ? `${path}/${ch.name}` : ch.name;
      rows.push({channel: ch, depth, path: full, people: inside.get(ch.id) || []});
      walk(ch.id, depth + 1, full);
    }
  };
  walk(0, 0, "");
  return {rows, nowhere: inside.get(0) || []};
}

/** pathOf gives a channel's path. */
export function pathOf(id) {
  const names = [];
  for (let ch = live.channels.get(id); ch && names.length < 50; ch = live.channels.get(ch.parent)) names.unshift(ch.name);
  return names.join("/") || (id ? `channel ${id}` : "no channel");
}

// Building blocks of the page. All text goes in as text, never as markup.

/** h makes an element: h("p", {class: "x", onclick: f}, "text", child, ...). */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** put replaces what an element holds. */
export function put(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

/** bdi shows a text that somebody else has written, whatever its direction. */
export const name = (text) => h("bdi", {class: "name"}, text);

const paths = {
  overview: "M4 19V5M4 19h16M8 16v-4M12 16V8M16 16v-6",
  people: "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM3.500 19c0-3 2.500-5 5.500-5s5.500 2 5.500 5M16 11a2.500 2.500 0 1 0 0-5M17 14c2.300.400 3.800 2.200 3.800 5",
  channels: "M4 6h16M8 12h12M12 18h8",
  users: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20c.5-4 3.500-6 7.500-6s7 2 7.500 6",
  bans: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM5.700 5.700l12.600 12.600",
  invites: "M4 6h16v12H4ZM4 7l8 6 8-6",
  messages: "M4 5h16v11H9l-5 4Z",
  audit: "M6 3h9l4 4v14H6ZM14 3v5h5M9 13h7M9 17h7",
  backups: "M4 7c0-1.700 3.600-3 8-3s8 1.300 8 3-3.600 3-8 3-8-1.300-8-3ZM4 7v10c0 1.700 3.600 3 8 3s8-1.300 8-3V7M4 12c0 1.700 3.600 3 8 3s8-1.300 8-3",
  settings: "M4 7h9M17 7h3M15 9.500v-5M4 17h3M11 17h9M9 19.500v-5",
  keys: "M8 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 12h9M18 12v4",
  webhooks: "M12 8a3 3 0 1 0-3-3M9.500 7.500 6 14M6 20a3 3 0 1 0-1-5.800M9 17h6M18 20a3 3 0 1 0-2.500-4.700M14.500 7.500 18 14",
  plugins: "M9 4v4H5v12h12v-4h3v-5h-3V8h-4V4Z",
  explain: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.8.400-1 .900-1 1.700M12 17h.01",
  docs: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3ZM5 17a3 3 0 0 1 3-3h11",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h11v11H9ZM5 15H4V4h11v1",
  menu: "M4 7h16M4 12h16M4 17h16",
  theme: "M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9Z",
  mic: "M12 15a3 3 0 0 0 3-3V6a3 3 0 1 0-6 0v6a3 3 0 0 0 3 3ZM6 11a6 6 0 0 0 12 0M12 17v4",
  micoff: "M4 4l16 16M9 9v3a3 3 0 0 0 4.500 2.600M15 11V6a3 3 0 0 0-5.700-1.300M6 11a6 6 0 0 0 9.500 4.900M12 17v4",
  deaf: "M4 4l16 16M5 14v-2a7 7 0 0 1 2-5M19 14v-2A7 7 0 0 0 10 5.300M5 14h3v5H5ZM16 16v3",
  star: "M12 4l2.400 5 5.600.700-4.100 3.800 1.100 5.500-5-2.800L7 19l1.100-5.500L4 9.700 9.600 9Z",
  record: "M12 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10Z",
  lock: "M6 11h12v9H6ZM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  chevron: "M9 6l6 6-6 6",
  out: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
};

/** icon draws one of the icons; it says nothing to a screen reader. */
export function icon(which) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", paths[which]);
  svg.append(path);
  return svg;
}

const roleNames = [[40, "owner"], [30, "admin"], [20, "moderator"], [10, "member"], [0, "guest"]];

export const roles = {guest: 0, member: 10, moderator: 20, admin: 30, owner: 40};

/** roleName gives a role's name, or its number between the named ones. */
export function roleName(role) {
  const named = roleNames.find(([number]) => number === role);
  return named ? named[1] : `role ${role}`;
}

/** roleOptions are the named roles up to one, and what else is given. */
export function roleOptions(most, also) {
  const options = roleNames.filter(([number]) => number <= most).map(([number, text]) => [String(number), text]);
  if (also !== undefined && !options.some(([number]) => number === String(also))) options.push([String(also), roleName(also)]);
  return options.reverse();
}

export function roleBadge(role) {
  return h("span", {class: `role role-${Math.floor(role / 10)}`}, roleName(role));
}

const relative = new Intl.RelativeTimeFormat("en", {numeric: "auto"});
const units = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** ago says how long before or after now a time is. */
export function ago(time) {
  const seconds = (new Date(time) - Date.now()) / 1000;
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) || units[units.length - 1];
  return relative.format(Math.round(seconds / size), unit);
}

/** when shows a time, and by its title which it is. */
export function when(time, never = "never") {
  if (!time || time.startsWith("0001-")) return h("span", {class: "dim"}, never);
  return h("time", {datetime: time, title: new Date(time).toLocaleString()}, ago(time));
}

/** bytes shows a size. */
export function bytes(n) {
  const steps = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  while (n >= 1000 && at < steps.length - 1) { n /= 1000; at++; }
  return `${n >= 100 || at === 0 ? Math.round(n) : n.toFixed(1)} ${steps[at]}`;
}

/** duration shows seconds. */
export function duration(seconds) {
  const parts = [];
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    const n = Math.floor(seconds / size);
    if (n > 0 && parts.length < 2) parts.push(`${n} ${unit}`);
    seconds -= n * size;
  }
  return parts.join(" ") || `${Math.floor(seconds)} s`;
}

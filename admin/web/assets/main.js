// The frame: sign-in, navigation, and which view is shown.

import {h, put, icon, roles, roleName} from "/assets/dom.js";
import {call, get, onSignedOut} from "/assets/api.js";
import {live, on, connect, disconnect} from "/assets/live.js";
import {form, openMenu, toast, textOf} from "/assets/ui.js";

const app = document.getElementById("app");

// views: path, title, icon, the least role, and the module that draws it.
const views = [
  ["overview", "Overview", "overview", roles.moderator, "overview"],
  ["people", "People", "people", roles.moderator, "people"],
  ["channels", "Channels", "channels", roles.moderator, "channels"],
  ["messages", "Messages", "messages", roles.moderator, "messages"],
  ["bans", "Bans", "bans", roles.moderator, "bans"],
  ["permissions", "Permissions", "explain", roles.moderator, "permissions"],
  ["users", "Users", "users", roles.admin, "users"],
  ["invites", "Invites", "invites", roles.admin, "invites"],
  ["audit", "Audit log", "audit", roles.admin, "audit"],
  ["backups", "Backups", "backups", roles.admin, "backups"],
  ["plugins", "Plugins", "plugins", roles.admin, "plugins"],
  ["settings", "Settings", "settings", roles.admin, "settings"],
  ["keys", "API keys", "keys", roles.owner, "keys"],
  ["webhooks", "Webhooks", "webhooks", roles.owner, "webhooks"],
];

let me = null;
let server = {name: "voiceapp"};
let unmount = () => {};

// A session ends when it is not used for a quarter of an hour: an open page uses it.
setInterval(() => { if (me) get("/api/me").catch(() => {}); }, 5 * 60_000);

const themes = ["system", "light", "dark"];

function theme() {
  const stored = localStorage.getItem("theme");
  return themes.includes(stored) ? stored : "system";
}

function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

function nextTheme() {
  localStorage.setItem("theme", themes[(themes.indexOf(theme()) + 1) % themes.length]);
  applyTheme();
  toast(`Theme: ${theme()}`);
}

async function start() {
  applyTheme();
  onSignedOut(() => { if (me) leave("You were signed out: sign in again."); });
  try {
    me = await call("GET", "/api/me", {signingIn: true});
  } catch (error) {
    return signIn(error.code === "login_required" ? "" : textOf(error));
  }
  enter();
}

// door shows one of the two forms by which one comes in.
function door({title, fields, submit, hint, other, why, onSubmit}) {
  document.title = `${title} · voiceapp`;
  const {element, values} = form(fields);
  const alert = h("p", {class: "alert", role: "alert", hidden: !why}, why);
  const button = h("button", {type: "submit", class: "primary"}, submit);
  put(app, h("main", {class: "sign-in"}, h("form", {onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await onSubmit(values());
      me = await get("/api/me");
      enter();
    } catch (error) {
      put(alert, textOf(error));
      alert.hidden = false;
    } finally {
      button.disabled = false;
    }
  }},
  h("img", {src: "/assets/icon.svg", alt: "", width: "48", height: "48"}),
  h("h1", {}, title === "Sign in" ? "voiceapp" : title), alert, element, button, h("p", {class: "hint"}, hint), other)));
  [...element.querySelectorAll("input")].find((input) => !input.value)?.focus();
}

const account = (complete) => [
  {name: "name", label: "Name", required: true, autocomplete: "username", max: 64},
  {name: "password", label: "Password", type: "password", required: true, autocomplete: complete, max: 1024},
];

const openSession = ({name, password}) => call("POST", "/api/session", {body: {name, password}, signingIn: true});

function signIn(why) {
  const token = new URLSearchParams(location.hash.slice(1)).get("claim");
  if (token !== null) return claim(token);
  door({
    title: "Sign in", fields: account("current-password"), submit: "Sign in", why,
    hint: "Sign in with your account on this server. Moderators see who is here; admins and owners more.",
    other: h("p", {class: "hint"}, h("a", {href: "#claim=", onclick: () => setTimeout(() => signIn(""))}, "A new server? Be its owner")),
    onSubmit: openSession,
  });
}

// claim makes the owner of a new server, by the token that the server has printed.
function claim(token) {
  door({
    title: "Be the owner", submit: "Be the owner",
    fields: [{name: "token", label: "Token", required: true, max: 256, value: token, hint: "The server printed it at its first start; voiceapp-server owner-token prints another."}, ...account("new-password")],
    hint: "It makes your account, with at least 8 characters of password, and is good once.",
    other: h("p", {class: "hint"}, h("a", {href: "#/overview", onclick: () => setTimeout(() => signIn(""))}, "I have an account")),
    onSubmit: async (values) => {
      await call("POST", "/api/claim", {body: values, signingIn: true});
      location.hash = "#/overview";
      await openSession(values);
    },
  });
}

async function leave(why) {
  me = null;
  disconnect();
  unmount();
  unmount = () => {};
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  signIn(why);
}

async function signOut() {
  try { await call("DELETE", "/api/session"); } catch { /* the cookie ends by itself */ }
  leave("");
}

async function enter() {
  if (me.role < roles.moderator) {
    put(app, h("main", {class: "sign-in"}, h("div", {class: "card"}, h("h1", {}, "Nothing for you here"),
      h("p", {}, `The dashboard is for moderators, admins and owners. You are a ${roleName(me.role)}.`),
      h("button", {type: "button", onclick: signOut}, "Sign out"))));
    return;
  }
  try { server = await get("/api/server"); } catch { /* the frame does without */ }
  connect(async (code) => {
    if (code === "lost" || code === "login_required" || code === "forbidden") {
      try { me = await get("/api/me"); } catch { /* signed out, or no server: either says so */ }
    }
  });
  frame();
}

function frame() {
  const shown = views.filter(([, , , least]) => me.role >= least);
  const links = shown.map(([path, title, face]) => h("a", {href: `#/${path}`, "data-path": path}, icon(face), h("span", {}, title)));
  const nav = h("nav", {class: "side", id: "side", "aria-label": "Dashboard"}, links, h("a", {href: "/docs", class: "apart"}, icon("docs"), h("span", {}, "API")));
  const toggle = h("button", {type: "button", class: "quiet only-narrow", "aria-label": "Menu", "aria-controls": "side", "aria-expanded": "false", onclick: () => openSide(!nav.classList.contains("open"))}, icon("menu"));
  const openSide = (open) => {
    nav.classList.toggle("open", open);
    toggle.setAttribute("aria-expanded", String(open));
  };
  const state = h("span", {class: "state", role: "status"});
  const showState = () => put(state, h("span", {class: live.connected ? "dot on" : "dot"}), h("span", {class: "state-text"}, live.connected ? "Live" : "Connecting…"));
  const account = h("button", {type: "button", class: "quiet account", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => openMenu(account, [["Sign out", signOut]])},
    h("bdi", {class: "name"}, me.user.name), h("span", {class: "dim"}, me.role_name));
  const main = h("main", {id: "main"});
  put(app, h("a", {class: "skip", href: "#main", onclick: (event) => { event.preventDefault(); main.querySelector("h1")?.focus(); }}, "Skip to content"),
    h("header", {class: "top"}, toggle, h("a", {class: "brand", href: "#/overview"}, h("img", {src: "/assets/icon.svg", alt: "", width: "26", height: "26"}), h("bdi", {class: "name"}, server.name)),
      h("span", {class: "spread"}), state, h("button", {type: "button", class: "quiet", "aria-label": "Change theme", title: "Change theme", onclick: nextTheme}, icon("theme")), account),
    h("div", {class: "body"}, nav, main));
  showState();
  on("state", showState);
  const show = async () => {
    const path = location.hash.replace(/^#\//, "").split("?")[0] || "overview";
    const view = shown.find(([name]) => name === path) || shown[0];
    openSide(false);
    for (const link of links) link.toggleAttribute("aria-current", false);
    nav.querySelector(`[data-path="${view[0]}"]`).setAttribute("aria-current", "page");
    document.title = `${view[1]} · ${server.name}`;
    const turn = (show.turn = (show.turn || 0) + 1);
    try {
      const {mount} = await import(`/assets/views/${view[4]}.js`);
      if (turn !== show.turn || !me) return;
      unmount();
      unmount = mount(put(main), {me, server}) || (() => {});
      if (show.moved) main.querySelector("h1")?.focus();
      show.moved = true;
    } catch (error) {
      put(main, h("p", {class: "alert", role: "alert"}, `This page could not be loaded: ${error.message}`));
    }
  };
  onhashchange = () => { if (me) show(); };
  show();
}

start();

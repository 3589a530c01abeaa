// The dashboard in a real browser, against the real server and real clients.
//
//   node run.mjs            all of it; screenshots go to shots/
//   CHROMIUM=/path node run.mjs

import assert from "node:assert/strict";
import {mkdirSync} from "node:fs";
import {createRequire} from "node:module";
import {chromium} from "playwright-core";
import {Stage, password, until} from "./stage.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const views = ["overview", "people", "channels", "messages", "bans", "permissions", "users", "invites", "audit", "backups", "plugins", "settings", "keys", "webhooks"];
const hostile = `<img src=x onerror=window.hit=1>`;

const stage = new Stage();
const browser = await chromium.launch({executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"]});
mkdirSync("shots", {recursive: true});

// open makes a page that fails the test for what a page of ours never does.
async function open(width, height, colorScheme) {
  const context = await browser.newContext({viewport: {width, height}, colorScheme, reducedMotion: "reduce"});
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`error: ${error.message}`));
  page.on("console", (message) => { if (message.type() === "error" && !/status of 4\d\d|ERR_/.test(message.text())) page.faults.push(message.text()); });
  page.on("request", (request) => { if (new URL(request.url()).host !== stage.admin) page.faults.push(`asked ${request.url()}`); });
  return page;
}

async function signIn(page) {
  await page.goto(stage.url);
  await page.fill("input[name=name]", "Olivia");
  await page.fill("input[name=password]", password);
  await page.click("button[type=submit]");
  await page.waitForSelector(".dot.on");
}

const show = async (page, view) => {
  await page.goto(`${stage.url}/#/${view}`);
  await page.waitForSelector("h1#page-title");
};
const node = (page, name) => page.locator(`[data-name="${name.replaceAll('"', '\\"')}"]`);
const api = (page, path) => page.evaluate(async (path) => (await fetch(path)).json(), path);
const choose = async (page, name, action) => {
  await node(page, name).locator("button").click();
  await page.getByRole("menuitem", {name: action, exact: true}).click();
};

// accessible has axe-core find nothing.
async function accessible(page, where) {
  await page.evaluate("delete window.axe");
  await page.evaluate((await import("node:fs")).readFileSync(axe, "utf8"));
  const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ["violations"], preload: false}));
  assert.deepEqual(violations.map((v) => `${where}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 4).join(", ")}`), []);
}

const steps = [];
const step = (name, run) => steps.push([name, run]);
let page;
let berta;

step("the first start", async () => {
  const first = await open(1440, 900, "light");
  await first.goto(`${stage.url}/#claim=${stage.token}`);
  await first.waitForSelector("input[name=token]");
  await accessible(first, "claim");
  await first.screenshot({path: "shots/claim.png"});
  await first.fill("input[name=name]", "Olivia");
  await first.fill("input[name=password]", password);
  await first.click("button[type=submit]");
  await first.waitForSelector(".dot.on");
  await first.click(".account");
  await first.getByRole("menuitem", {name: "Sign out"}).click();
  await first.waitForSelector("input[name=password]");
  assert.equal(await first.evaluate(async () => (await fetch("/api/me")).status), 401);
  assert.deepEqual(first.faults, []);
  await first.context().close();
});

step("first load", async () => {
  page = await open(1440, 900, "light");
  const sizes = [];
  page.on("response", async (response) => { try { sizes.push((await response.request().sizes()).responseBodySize); } catch { /* a stream */ } });
  await page.goto(stage.url);
  await page.waitForSelector("input[name=name]");
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  await page.fill("input[name=name]", "Olivia");
  await page.fill("input[name=password]", "not the password");
  await page.click("button[type=submit]");
  await page.waitForSelector(".alert:visible");
  assert.match(await page.textContent(".alert"), /wrong/);
  await accessible(page, "sign-in");
  await page.screenshot({path: "shots/sign-in.png"});
  await signIn(page);
  await page.waitForSelector(".tile");
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`dashboard: first_load_bytes=${bytes} first_paint_ms=${Math.round(paint)}`);
  assert.ok(bytes > 20_000 && bytes <= 150_000, `the first load takes ${bytes} bytes`);
});

step("people appear, and talk", async () => {
  await show(page, "people");
  stage.listen("Anna");
  await node(page, "Anna").waitFor();
  berta = stage.say("Berta");
  await page.waitForSelector(`[data-name="Berta"] .talks`);
  stage.listen(hostile);
  await node(page, hostile).waitFor();
  assert.equal(await page.evaluate(() => window.hit), undefined, "a name ran as a script");
  assert.equal(await page.locator(".tree img").count(), 0, "a name became markup");
  await page.screenshot({path: "shots/people-live.png"});
});

step("an event reaches the page", async () => {
  const took = await page.evaluate(async () => {
    const anna = [...document.querySelectorAll("[data-name]")].find((n) => n.dataset.name === "Anna");
    const session = Number(anna.dataset.node.slice(1));
    const seen = (muted) => new Promise((done) => {
      const is = () => Boolean(document.querySelector(`[data-node="s${session}"] .mark.muted`)) === muted;
      const watch = new MutationObserver(() => { if (is()) { watch.disconnect(); done(performance.now()); } });
      watch.observe(document.querySelector(".tree"), {childList: true, subtree: true});
    });
    const all = [];
    for (const muted of [true, false, true, false]) {
      const shown = seen(muted);
      const begun = performance.now();
      await fetch(`/api/sessions/${session}`, {method: "PATCH", headers: {"Content-Type": "application/json"}, body: JSON.stringify({muted})});
      all.push((await shown) - begun);
    }
    return Math.max(...all);
  });
  console.log(`dashboard: event_to_page_ms=${Math.round(took)}`);
});

step("move by dragging, and by keys", async () => {
  await node(page, "Anna").locator(".line").dragTo(page.locator('[data-node="c3"] > .line'));
  await until("Anna is in Chess", async () => (await api(page, "/api/sessions")).items.find((s) => s.name === "Anna").channel === 3);
  await page.waitForSelector('[data-name="Anna"][data-channel="3"]');
  await node(page, "Anna").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".menu");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.selectOption("dialog select[name=channel]", "1");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-name="Anna"][data-channel="1"]');
});

step("mute", async () => {
  await choose(page, "Berta", "Mute");
  await page.waitForSelector('[data-name="Berta"] .mark.muted');
  await until("Berta is not heard", async () => !(await page.locator('[data-name="Berta"] .talks').count()));
  await choose(page, "Berta", "Unmute");
  await page.waitForSelector('[data-name="Berta"] .talks');
});

step("create a channel, and change a bitrate", async () => {
  await show(page, "channels");
  await page.getByRole("button", {name: "New channel"}).first().click();
  await page.fill("dialog input[name=name]", "Library");
  await page.fill("dialog input[name=bitrate]", "24");
  await page.click("dialog button[type=submit]");
  await page.locator("td", {hasText: "Library"}).waitFor();
  assert.equal((await api(page, "/api/channels")).items.find((ch) => ch.name === "Library").bitrate, 24000);

  const rate = async () => {
    const [before, start] = [(await api(page, "/api/stats")).voice.in_bytes, Date.now()];
    await page.waitForTimeout(3000);
    return 8 * ((await api(page, "/api/stats")).voice.in_bytes - before) / (Date.now() - start);
  };
  const high = await rate();
  await page.getByRole("button", {name: /bitrate of Lobby/}).click();
  await page.fill("dialog input[name=kbits]", "5");
  await page.click("dialog button[type=submit]");
  assert.equal(await page.locator("dialog[open]").count(), 1, "5 kbit/s is out of range: the dialog stays");
  await page.fill("dialog input[name=kbits]", "16");
  await page.click("dialog button[type=submit]");
  await page.locator("tr", {hasText: "Lobby"}).getByText("16 kbit/s").waitFor();
  const low = await rate();
  console.log(`dashboard: speaker_kbits=${high.toFixed(1)} after=${low.toFixed(1)}`);
  assert.ok(low < high * 0.6, `the speaker's encoder does not follow: ${high} to ${low} kbit/s`);
});

step("kick", async () => {
  await show(page, "people");
  await choose(page, "Berta", "Kick…");
  await page.fill("dialog input[name=reason]", "enough for today");
  await page.click("dialog button.danger");
  await node(page, "Berta").waitFor({state: "detached"});
  assert.notEqual(await berta.ended, 0);
  assert.match(berta.text, /enough for today/);
  berta.stop();
});

step("ban and lift", async () => {
  const carla = stage.listen("Carla");
  await node(page, "Carla").waitFor();
  await choose(page, "Carla", "Ban…");
  await page.check("dialog input[name=device]");
  await page.uncheck("dialog input[name=address]");
  await page.click("dialog button.danger");
  await node(page, "Carla").waitFor({state: "detached"});
  await carla.ended;
  assert.match(carla.text, /banned/);
  const refused = stage.listen("Carla");
  assert.notEqual(await refused.ended, 0);
  assert.match(refused.text, /banned/);
  await show(page, "bans");
  await page.getByRole("button", {name: /Actions on the ban/}).click();
  await page.getByRole("menuitem", {name: "Lift…"}).click();
  await page.click("dialog button.danger");
  await page.getByText("Nobody is kept out.").waitFor();
  await show(page, "people");
  stage.listen("Carla");
  await node(page, "Carla").waitFor();
});

step("accounts, invites and keys", async () => {
  await show(page, "users");
  await page.getByRole("button", {name: "New account"}).click();
  await page.fill("dialog input[name=name]", "Mona");
  await page.selectOption("dialog select[name=role]", "20");
  await page.click("dialog button[type=submit]");
  await page.waitForSelector(".secret");
  await page.click("dialog[open] button.primary");
  await page.locator("td", {hasText: "Mona"}).waitFor();
  await show(page, "invites");
  await page.getByRole("button", {name: "New invite"}).click();
  await page.click("dialog button[type=submit]");
  await page.waitForSelector("svg.qr");
  assert.match(await page.textContent(".secret"), /^voiceapp:\/\/127\.0\.0\.1:\d+\/.*invite=/);
  await page.screenshot({path: "shots/invite.png"});
  await page.click("dialog[open] button.primary");
  await show(page, "keys");
  await page.getByRole("button", {name: "New key"}).click();
  await page.fill("dialog input[name=name]", "status page");
  await page.fill("dialog input[name=scopes]", "sessions:read server:read");
  await page.click("dialog button[type=submit]");
  await page.waitForSelector(".secret");
  assert.match(await page.textContent(".secret"), /^vak_/);
  await page.click("dialog[open] button.primary");
});

step("messages, audit log and backups", async () => {
  await show(page, "messages");
  await page.getByRole("button", {name: "Write"}).click();
  await page.fill("dialog textarea", `good evening ${hostile}`);
  await page.click("dialog button[type=submit]");
  await page.locator("td", {hasText: "good evening"}).waitFor();
  await show(page, "audit");
  await page.locator("tr", {hasText: "user.kick"}).getByRole("button").click();
  await page.getByText("enough for today").last().waitFor();
  await page.click("dialog[open] button.primary");
  await show(page, "backups");
  await page.getByRole("button", {name: "Back up now"}).click();
  await page.getByText("The backup is made").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", {name: /Download/}).first().click()]);
  const head = (await import("node:fs")).readFileSync(await download.path()).subarray(0, 15).toString();
  assert.equal(head, "SQLite format 3");
});

step("a plugin at work", async () => {
  await stage.plugin("wordfilter", "words=turnip");
  await show(page, "plugins");
  const row = page.locator("tr", {hasText: "wordfilter"});
  await until("the plugin runs", async () => {
    await page.reload();
    await page.waitForSelector(".reading, .skeleton", {state: "detached"});
    return await row.locator(".tag.good", {hasText: "running"}).count() === 1;
  });
  await show(page, "messages");
  await stage.write("Gus", "you turnip, said Berta");
  await until("the line without the word", async () => (await api(page, "/api/messages")).items.some((one) => one.text === "you ******, said Berta"));
  await show(page, "plugins");
  await page.waitForFunction(() => document.querySelector("tbody tr td:nth-child(5)")?.textContent > 0);
  assert.match(await row.locator("td").nth(6).textContent(), /^\d+\.\d\d ms$/);
});

step("a cut, and back", async () => {
  await show(page, "people");
  await stage.stop();
  await page.waitForSelector(".dot:not(.on)");
  await stage.again();
  await page.waitForSelector(".dot.on", {timeout: 30_000});
  await page.waitForSelector('[data-node="c1"]');
  await node(page, "Anna").waitFor({timeout: 30_000});
});

step("the documents", async () => {
  const docs = await open(1440, 900, "light");
  await docs.goto(`${stage.url}/docs`);
  await docs.waitForSelector(".opblock-tag");
  await docs.fill("input[name=name]", "Olivia");
  await docs.fill("input[name=password]", password);
  await docs.click("#sign-in button");
  await docs.getByText(/Signed in as Olivia/).waitFor();
  await docs.locator(".opblock-tag", {hasText: "login"}).click();
  await docs.locator(".opblock-summary", {hasText: "/api/me"}).click();
  await docs.getByRole("button", {name: "Try it out"}).click();
  await docs.getByRole("button", {name: "Execute"}).click();
  await docs.locator(".live-responses-table").getByText("Olivia").first().waitFor();
  await docs.screenshot({path: "shots/docs.png"});
  await docs.goto(`${stage.url}/docs/control`);
  await docs.waitForSelector("section[id='session.open']");
  await accessible(docs, "docs/control");
  await docs.screenshot({path: "shots/docs-control.png"});
  assert.deepEqual(docs.faults, []);
});

step("every view: both themes, both widths", async () => {
  for (const [scheme, width, height] of [["light", 1440, 900], ["dark", 1440, 900], ["light", 390, 844], ["dark", 390, 844]]) {
    const at = await open(width, height, scheme);
    await signIn(at);
    for (const view of views) {
      await show(at, view);
      await at.waitForSelector(".reading, .skeleton", {state: "detached"});
      if (view === "overview") await at.waitForSelector(".uplot"); // two figures make a rate, two rates a line
      await accessible(at, `${view} ${scheme} ${width}`);
      const wide = await at.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${view} at ${width} px is ${wide} px too wide`);
      await at.screenshot({path: `shots/${view}-${scheme}-${width}.png`, fullPage: true});
    }
    assert.deepEqual(at.faults, []);
    await at.context().close();
  }
});

step("nothing went wrong", () => assert.deepEqual(page.faults, []));

let failed = false;
let current = "the start";
try {
  await stage.serve();
  for (const [name, run] of steps) {
    current = name;
    const begun = Date.now();
    await run();
    console.log(`dashboard: ok ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  }
} catch (error) {
  failed = true;
  console.error(stage.log.slice(-3000));
  console.error(`dashboard: failed at "${current}":`, error); // last, where one looks
  if (page) await page.screenshot({path: "shots/failure.png", fullPage: true}).catch(() => {});
} finally {
  berta?.stop();
  await browser.close();
  await stage.end();
}
process.exitCode = failed ? 1 : 0;

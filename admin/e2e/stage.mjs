// The stage: the real server with its own data, and people who are here.

import {spawn} from "node:child_process";
import {copyFileSync, mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";

export const root = resolve(import.meta.dirname ?? ".", "../..");
const bin = (name) => join(root, "bin", name);
export const speech = join(root, "testdata/speech/speech.wav");
export const password = "correct horse battery";

/** Stage starts what a test needs, and ends it. */
export class Stage {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "voiceapp-dashboard-"));
    this.running = new Set();
    this.log = "";
  }

  // spawn starts a program, of a person of his own: each has his own device.
  spawn(program, args, person = "nobody", input = "") {
    const home = join(this.dir, `home-${Buffer.from(person).toString("hex")}`);
    const child = spawn(bin(program), args, {stdio: "pipe", env: {...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home}});
    child.stdin.on("error", () => {}); // it ended before it had read all
    child.stdin.end(input);
    child.text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => { child.text += data; this.log += `${program}: ${data}`; });
    child.ended = new Promise((done) => child.on("exit", (code) => { this.running.delete(child); done(code); }));
    this.running.add(child);
    return child;
  }

  /** serve starts the server, and reads where it is from its line. */
  async serve() {
    this.start("127.0.0.1:0", "127.0.0.1:0");
    await until("the server is ready", () => /ready .*\n/.test(this.server.text) && /\n {2}[A-Z2-7]{20,}\n/.test(this.server.text));
    const words = Object.fromEntries([...this.server.text.matchAll(/(control|admin|fingerprint)=(\S+)/g)].map(([, key, value]) => [key, value]));
    Object.assign(this, words, {url: `http://${words.admin}`, token: this.server.text.match(/\n {2}([A-Z2-7]{20,})\n/)[1]});
  }

  start(control, admin) {
    this.server = this.spawn("voiceapp-server", ["--data", join(this.dir, "data"), "--listen", control, "--admin", admin, "--name", "The <Orchard> & co"]);
  }

  /** stop ends the server; what it serves is unreachable until again starts it. */
  async stop() {
    this.server.kill("SIGTERM");
    await this.server.ended;
  }

  /** again starts the server where it was. */
  async again() {
    this.start(this.control, this.admin);
    await until("the server is ready again", () => /ready .*\n/.test(this.server.text));
  }

  client(person, command, ...args) {
    return this.spawn("voiceapp", [command, "--server", this.control, "--fingerprint", this.fingerprint, ...args], person);
  }

  /** listen has somebody listen in the lobby for as long as the test runs. */
  listen(name) {
    return this.client(name, "listen", "--user", name, "--out", join(this.dir, `${name}.wav`), "--for", "10m");
  }

  /** say has somebody talk until it is ended. */
  say(name, ...args) {
    let child = null;
    let over = false;
    const again = () => {
      if (over) return;
      child = this.client(name, "say", "--user", name, ...args, speech);
      child.ended.then((code) => { if (code === 0) again(); });
    };
    again();
    return {get text() { return child.text; }, get ended() { return child.ended; }, stop() { over = true; child.kill("SIGINT"); }};
  }

  /** write has somebody write a line in the lobby. */
  async write(name, line) {
    const child = this.spawn("voiceapp", ["chat", "--server", this.control, "--fingerprint", this.fingerprint, "--user", name], name, `${line}\n`);
    if (await child.ended !== 0) throw new Error(`${name} could not write: ${child.text}`);
  }

  /** plugin gives the server one of the examples, with its settings. */
  async plugin(name, settings) {
    const folder = join(this.dir, "data", "plugins");
    mkdirSync(folder, {recursive: true});
    copyFileSync(join(root, "examples/plugins", name, `${name}.wasm`), join(folder, `${name}.wasm`));
    for (const args of [["enable"], ["set", "--set", settings]]) {
      const child = this.spawn("voiceapp", ["plugin", ...args, "--dir", folder, name]);
      if (await child.ended !== 0) throw new Error(`plugin ${args[0]} ${name}: ${child.text}`);
    }
  }

  async end() {
    for (const child of this.running) child.kill("SIGTERM");
    await Promise.all([...this.running].map((child) => child.ended));
    rmSync(this.dir, {recursive: true, force: true});
  }
}

/** until waits for something to be so. */
export async function until(what, ask, seconds = 20) {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

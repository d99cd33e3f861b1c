// What the npm drivers share: a microphone that speaks when told, a log to wait on, the flows.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const BASE_URL = process.env.OPENAI_BASE_URL;
export const KEY = process.env.OPENAI_API_KEY;
export const MODEL = 'gpt-realtime-2.1';
export const TRANSCRIBER = 'gpt-4o-transcribe';
export const INSTRUCTIONS = 'You are a clerk at a ticket office. Answer briefly.';
export const GREETING = 'Good evening, are you still open?';
export const ASK_FOR_FARE = 'Please run look_up_fare for me.';
export const ASK_FOR_LENGTH = 'Please count slowly to one hundred.';

const SPEECH = process.env.TRUNKLINE_SPEECH;
const TURNS = JSON.parse(readFileSync(join(SPEECH, 'turns.json'), 'utf8')).turns;
const CHUNK = 960; // bytes of 20 ms at 24 kHz
const WAV_HEADER = 44; // the recordings have nothing but the two chunks
const FLOW_MS = 25_000;
const FLOWS = ['connect', 'spoken', 'text', 'tool', 'barge_in', 'long', 'errors'];

/** What the caller says in a recording, 0 to 4. */
export const said = (turn) => TURNS[turn].caller_text;

/** What the simulator's interpreter answers to it. */
export const answered = (turn) => TURNS[turn].interpreter_text;

export function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

/** Always on: 20 ms in 20 ms, silence until it is told to say something. */
export class Microphone {
  #waiting = [];
  #timer;

  start(send) {
    let due = performance.now();
    const tick = () => {
      send(this.#waiting.shift() ?? Buffer.alloc(CHUNK));
      due += 20;
      this.#timer = setTimeout(tick, Math.max(0, due - performance.now()));
    };
    tick();
  }

  say(turn) {
    const pcm = readFileSync(join(SPEECH, TURNS[turn].caller)).subarray(WAV_HEADER);
    for (let at = 0; at < pcm.length; at += CHUNK) {
      // A copy, padded: the clients send a whole ArrayBuffer.
      const chunk = Buffer.from(new ArrayBuffer(CHUNK));
      pcm.copy(chunk, 0, at, at + CHUNK);
      this.#waiting.push(chunk);
    }
  }
}

/** What the client told its application, in order. */
export class Log {
  notes = [];
  #waiting = new Set();

  note(kind, fields = {}) {
    this.notes.push({ kind, ...fields });
    for (const look of this.#waiting) look();
  }

  mark() {
    return this.notes.length;
  }

  of(kind, since = 0) {
    return this.notes.slice(since).filter((note) => note.kind === kind);
  }

  /** The first such note from `since` on, also if it is there already. */
  until(kind, since = 0, where = () => true) {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.of(kind, since).find(where);
        if (!found) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

async function inTime(flow, log) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const kinds = [...new Set(log.notes.map((note) => note.kind))];
      console.error(`seen so far: ${kinds.join(', ')}`);
      reject(new Error(`it did not end within ${FLOW_MS / 1000} s`));
    }, FLOW_MS);
  });
  try {
    await Promise.race([flow, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs one flow after the other, prints the line, and leaves; 1 if a flow failed. */
export async function runFlows(client, application) {
  const report = {};
  for (const name of FLOWS) {
    const saw = (report[name] = {});
    try {
      await inTime(application[name](saw), application.log);
    } catch (error) {
      saw.failed = String(error?.stack ?? error).split('\n')[0];
    }
  }
  const manifest = new URL(`node_modules/${client}/package.json`, `file://${process.cwd()}/`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const line = JSON.stringify({ client, version, flows: report });
  const failed = Object.values(report).some((saw) => 'failed' in saw);
  process.stdout.write(`${line}\n`, () => process.exit(failed ? 1 : 0));
}

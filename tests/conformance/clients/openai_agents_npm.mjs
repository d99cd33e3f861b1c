// @openai/agents-realtime: a RealtimeSession over its WebSocket transport, as its guide has it.
// It truncates and retrieves by itself when the caller speaks into an answer.

import { RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';
import {
  ASK_FOR_FARE, ASK_FOR_LENGTH, BASE_URL, GREETING, INSTRUCTIONS, KEY, Log, MODEL, Microphone,
  TRANSCRIBER, answered, expect, runFlows, said,
} from './flows.mjs';

const lookUpFare = tool({
  name: 'look_up_fare',
  description: 'The fare to a station.',
  parameters: z.object({ station: z.string() }),
  execute: async ({ station }) => `42 to ${station}`,
});

class Application {
  log = new Log();
  microphone = new Microphone();
  session = new RealtimeSession(
    new RealtimeAgent({ name: 'Clerk', instructions: INSTRUCTIONS, tools: [lookUpFare] }),
    {
      transport: 'websocket',
      model: MODEL,
      config: {
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: 24000 },
            transcription: { model: TRANSCRIBER },
            turnDetection: { type: 'server_vad', silenceDurationMs: 500, interruptResponse: true },
          },
          output: { format: { type: 'audio/pcm', rate: 24000 }, voice: 'marin' },
        },
      },
    },
  );

  constructor() {
    const { session, log } = this;
    session.on('transport_event', (event) => log.note(event.type, { event }));
    session.on('audio', (event) => log.note('sdk audio', { ms: event.data.byteLength / 48 }));
    session.on('audio_interrupted', () => log.note('sdk audio_interrupted'));
    session.on('history_updated', () => log.note('sdk history_updated'));
    session.on('agent_tool_end', (_context, _agent, { name }, output) =>
      log.note('sdk agent_tool_end', { name, output }),
    );
    session.on('error', ({ error }) => log.note('sdk error', { error }));
  }

  write(text) {
    const since = this.log.mark();
    this.session.sendMessage(text);
    return since;
  }

  async done(since) {
    return (await this.log.until('response.done', since)).event.response;
  }

  wordsOf(itemId) {
    const part = this.session.history.find((item) => item.itemId === itemId)?.content?.[0];
    return part?.transcript ?? part?.text;
  }

  inHistory(itemId, words, since) {
    const isThere = () => this.wordsOf(itemId) === words;
    return this.log.until('sdk history_updated', since, isThere);
  }

  async connect(saw) {
    const url = `${BASE_URL.replace('http', 'ws')}/realtime?model=${MODEL}`;
    await this.session.connect({ apiKey: KEY, url });
    const traced = ({ event }) => event.session.tracing === 'auto';
    const { session } = (await this.log.until('session.updated', 0, traced)).event;
    saw.tracing = session.tracing;
    const configured = ({ event }) => event.session.instructions === INSTRUCTIONS;
    const settled = (await this.log.until('session.updated', 0, configured)).event.session;
    saw.voice = settled.audio.output.voice;
    this.microphone.start((chunk) => this.session.sendAudio(chunk.buffer));
  }

  async spoken(saw) {
    const since = this.log.mark();
    this.microphone.say(0);
    await this.answerTo(saw, 0, since);
  }

  async answerTo(saw, turn, since) {
    const committed = await this.log.until('input_audio_buffer.committed', since);
    const at = this.log.notes.indexOf(committed);
    const response = await this.done(at);
    saw.audio_ms = Math.floor(this.log.of('sdk audio', at).reduce((ms, note) => ms + note.ms, 0));
    await this.inHistory(committed.event.item_id, said(turn), since);
    await this.inHistory(response.output[0].id, answered(turn), since);
    saw.heard = this.wordsOf(committed.event.item_id);
    saw.said = this.wordsOf(response.output[0].id);
    expect(saw.audio_ms > 2000, 'the answer has no sound');
  }

  async text(saw) {
    const since = this.write(GREETING);
    const [item] = (await this.done(since)).output;
    await this.inHistory(item.id, item.content[0].transcript, since);
    saw.said = this.wordsOf(item.id);
    expect(saw.said, 'the answer is empty');
  }

  async tool(saw) {
    const since = this.write(ASK_FOR_FARE);
    const ended = await this.log.until('sdk agent_tool_end', since);
    saw.called = ended.name;
    saw.output = ended.output;
    const isMessage = ({ event }) => event.response.output[0]?.type === 'message';
    const done = await this.log.until('response.done', since, isMessage);
    saw.said = done.event.response.output[0].content[0].transcript;
    expect(saw.said, 'there is no message after the output');
    // It drops events that it cannot read without a word; the history is where that shows.
    const call = this.session.history.find((item) => item.type === 'function_call');
    expect(call?.output === saw.output, 'the call is not in the history');
  }

  async barge_in(saw) {
    const since = this.write(ASK_FOR_LENGTH);
    await this.log.until('sdk audio', since);
    this.microphone.say(1);
    await this.log.until('sdk audio_interrupted', since);
    const response = await this.done(since);
    saw.status = response.status;
    saw.reason = response.status_details.reason;
    const truncated = (await this.log.until('conversation.item.truncated', since)).event;
    saw.truncated_ms = truncated.audio_end_ms;
    const isIt = ({ event }) => event.item.id === truncated.item_id;
    await this.log.until('conversation.item.retrieved', since, isIt);
    expect(saw.status === 'cancelled', 'the answer was not interrupted');
    const answer = {};
    await this.answerTo(answer, 1, since);
    saw.then = answer.said;
  }

  async long(saw) {
    const since = this.write(ASK_FOR_LENGTH);
    await this.log.until('sdk audio', since, () => this.log.of('sdk audio', since).length > 20);
    this.session.interrupt();
    const response = await this.done(since);
    saw.status = response.status;
    saw.reason = response.status_details.reason;
    await this.log.until('conversation.item.truncated', since);
    expect(saw.reason === 'client_cancelled', 'the long answer was not cancelled');
    saw.then = (await this.done(this.write(GREETING))).status;
    expect(saw.then === 'completed', 'nothing is answered after it');
  }

  async errors(saw) {
    const words = ({ error }) => JSON.stringify(error?.error ?? String(error));
    saw.errors = this.log.of('sdk error').map(words);
    expect(saw.errors.length === 0, 'the server refused something, or the client raised');
    const { inputTokens, outputTokens, totalTokens } = this.session.usage;
    saw.tokens = totalTokens;
    expect(inputTokens > 0 && outputTokens > 0, 'the usage was not read');
    saw.history = this.session.history.map((item) => item.role ?? item.type);
    const kinds = ['user', 'assistant', 'user', 'assistant', 'user', 'function_call', 'assistant'];
    expect(saw.history.slice(0, 7).join() === kinds.join(), 'items are missing in the history');
  }
}

await runFlows('@openai/agents-realtime', new Application());

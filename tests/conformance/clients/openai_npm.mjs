// The official npm SDK: `OpenAIRealtimeWS`, or with --native `OpenAIRealtimeWebSocket` on the runtime's
// own WebSocket, which authenticates by subprotocol as in a browser.

import OpenAI from 'openai';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import {
  ASK_FOR_FARE, ASK_FOR_LENGTH, GREETING, INSTRUCTIONS, Log, MODEL, Microphone, TRANSCRIBER,
  answered, expect, runFlows, said,
} from './flows.mjs';

const SESSION = {
  type: 'realtime',
  instructions: INSTRUCTIONS,
  tools: [
    {
      type: 'function',
      name: 'look_up_fare',
      description: 'The fare to a station.',
      parameters: {
        type: 'object',
        properties: { station: { type: 'string' } },
        required: ['station'],
      },
    },
  ],
  audio: {
    input: {
      transcription: { model: TRANSCRIBER },
      turn_detection: { type: 'server_vad', silence_duration_ms: 500 },
    },
    output: { voice: 'marin' },
  },
};

class Application {
  log = new Log();
  microphone = new Microphone();

  constructor(Connection) {
    this.connection = new Connection({ model: MODEL }, new OpenAI());
    this.connection.on('event', (event) => this.log.note(event.type, { event }));
    this.connection.on('error', (error) => this.log.note('sdk error', { error }));
  }

  send(type, fields = {}) {
    this.connection.send({ type, ...fields });
  }

  write(text, response) {
    const since = this.log.mark();
    const content = [{ type: 'input_text', text }];
    this.send('conversation.item.create', { item: { type: 'message', role: 'user', content } });
    this.send('response.create', response ? { response } : {});
    return since;
  }

  async done(since) {
    return (await this.log.until('response.done', since)).event.response;
  }

  async connect(saw) {
    await this.log.until('session.created');
    this.send('session.update', { session: SESSION });
    const { session } = (await this.log.until('session.updated')).event;
    saw.voice = session.audio.output.voice;
    expect(session.instructions === INSTRUCTIONS, 'the instructions are not echoed');
    this.microphone.start((chunk) =>
      this.send('input_audio_buffer.append', { audio: chunk.toString('base64') }),
    );
  }

  async spoken(saw) {
    const since = this.log.mark();
    this.microphone.say(0);
    await this.answerTo(saw, 0, since);
  }

  async answerTo(saw, turn, since) {
    const heard = await this.log.until(
      'conversation.item.input_audio_transcription.completed', since,
    );
    const at = this.log.notes.indexOf(await this.log.until('input_audio_buffer.committed', since));
    const response = await this.done(at);
    const audio = this.log.of('response.output_audio.delta', at);
    saw.heard = heard.event.transcript;
    saw.said = response.output[0].content[0].transcript;
    const sizes = audio.map(({ event }) => Buffer.from(event.delta, 'base64').length);
    saw.audio_ms = Math.floor(sizes.reduce((sum, size) => sum + size, 0) / 48);
    expect(saw.heard === said(turn), 'the transcript is not what was said');
    expect(saw.said === answered(turn), "the answer is not the interpreter's");
    expect(saw.audio_ms > 2000, 'the answer has no sound');
  }

  async text(saw) {
    const response = await this.done(this.write(GREETING, { output_modalities: ['text'] }));
    saw.said = response.output[0].content[0].text;
    expect(saw.said, 'the answer is empty');
  }

  async tool(saw) {
    let since = this.write(ASK_FOR_FARE);
    const call = (await this.log.until('response.function_call_arguments.done', since)).event;
    await this.done(since);
    saw.called = call.name;
    saw.arguments = call.arguments;
    expect(call.name === 'look_up_fare', 'another function is called');
    since = this.log.mark();
    const output = { type: 'function_call_output', call_id: call.call_id, output: '{"fare":42}' };
    this.send('conversation.item.create', { item: output });
    this.send('response.create');
    saw.said = (await this.done(since)).output[0].content[0].transcript;
    expect(saw.said, 'there is no message after the output');
  }

  async barge_in(saw) {
    const since = this.write(ASK_FOR_LENGTH);
    const { item_id, content_index } = (
      await this.log.until('response.output_audio.delta', since)
    ).event;
    const began = performance.now();
    this.microphone.say(1);
    await this.log.until('input_audio_buffer.speech_started', since);
    const audio_end_ms = Math.round(performance.now() - began);
    this.send('conversation.item.truncate', { item_id, content_index, audio_end_ms });
    const response = await this.done(since);
    saw.status = response.status;
    saw.reason = response.status_details.reason;
    saw.truncated_ms = (
      await this.log.until('conversation.item.truncated', since)
    ).event.audio_end_ms;
    this.send('conversation.item.retrieve', { item_id });
    saw.retrieved_status = (
      await this.log.until('conversation.item.retrieved', since)
    ).event.item.status;
    expect(saw.reason === 'turn_detected', 'the answer was not interrupted by speech');
    const answer = {};
    await this.answerTo(answer, 1, since);
    saw.then = answer.said;
  }

  async long(saw) {
    const since = this.write(ASK_FOR_LENGTH);
    const enough = () => this.log.of('response.output_audio.delta', since).length > 20;
    await this.log.until('response.output_audio.delta', since, enough);
    this.send('response.cancel');
    const response = await this.done(since);
    saw.status = response.status;
    saw.reason = response.status_details.reason;
    expect(saw.reason === 'client_cancelled', 'the long answer was not cancelled');
    saw.then = (await this.done(this.write(GREETING))).status;
    expect(saw.then === 'completed', 'nothing is answered after it');
  }

  async errors(saw) {
    saw.errors = this.log.of('sdk error').map((note) => note.error.message);
    expect(saw.errors.length === 0, 'the server refused something, or the client raised');
  }
}

const isNative = process.argv.includes('--native');
await runFlows('openai', new Application(isNative ? OpenAIRealtimeWebSocket : OpenAIRealtimeWS));

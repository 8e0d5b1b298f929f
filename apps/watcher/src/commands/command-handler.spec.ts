import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../audit/audit-entry.js';
import { memoryAudit } from '../audit/testing/memory-audit.js';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { DatabaseError } from '../persistence/persistence.errors.js';
import type { CommandReply, CommandStore } from '../persistence/command-store.port.js';
import { MemoryStreamerStore } from '../streamers/memory-streamer-store.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { CommandHandler } from './command-handler.js';

class MemoryCommandStore implements CommandStore {
  readonly replies = new Map<string, CommandReply>();
  async find(commandId: string): Promise<CommandReply | undefined> {
    return this.replies.get(commandId);
  }
  async save(commandId: string, reply: CommandReply): Promise<CommandReply> {
    const first = this.replies.get(commandId);
    if (first) return first;
    this.replies.set(commandId, reply);
    return reply;
  }
}

interface SetUp {
  readonly handler: CommandHandler;
  readonly streamers: StreamerService;
  readonly store: MemoryCommandStore;
  /** The audit log, oldest first. */
  readonly audit: () => Promise<readonly AuditEntry[]>;
}

function setUp(): SetUp {
  const store = new MemoryCommandStore();
  const streamers = new StreamerService({
    store: new MemoryStreamerStore(),
    activity: { activityOf: () => undefined },
    control: { added: () => undefined, changed: async () => undefined, removed: async () => undefined },
  });
  const audit = memoryAudit();
  return {
    handler: new CommandHandler({ streamers, store, audit: audit.trail, logger: SILENT_LOGGER }),
    streamers,
    store,
    audit: async () => [...(await audit.store.list({ limit: 100 })).items].reverse(),
  };
}

describe('CommandHandler', () => {
  it('adds, pauses, resumes and removes, and says what came of it', async () => {
    const { handler, streamers } = setUp();
    expect(await handler.handle({ id: '1', command: 'add', uniqueId: '@Some.One', priority: 70 })).toMatchObject({
      id: '1',
      command: 'add',
      ok: true,
      result: 'created',
      streamer: { uniqueId: 'some.one', priority: 70 },
    });
    expect(await handler.handle({ id: '2', command: 'add', uniqueId: 'some.one' })).toMatchObject({
      ok: true,
      result: 'exists',
    });
    expect(await handler.handle({ id: '3', command: 'pause', uniqueId: 'some.one' })).toMatchObject({
      ok: true,
      streamer: { paused: true },
    });
    expect(await handler.handle({ id: '4', command: 'resume', uniqueId: 'some.one' })).toMatchObject({
      ok: true,
      streamer: { paused: false },
    });
    expect(await handler.handle({ id: '5', command: 'remove', uniqueId: 'some.one' })).toMatchObject({
      ok: true,
      result: 'removed',
    });
    expect((await streamers.list({ limit: 10 })).items).toEqual([]);
  });

  it('changes plain settings, and takes nothing that is secret', async () => {
    const { handler, streamers } = setUp();
    await streamers.add({ uniqueId: 'someone', labels: ['a'], priority: 70 });
    const update = { command: 'update', uniqueId: '@someone' };
    expect(await handler.handle({ ...update, id: '1', labels: ['b'], priority: null, language: 'de' })).toMatchObject({
      ok: true,
      result: 'updated',
      streamer: { labels: ['b'], priority: 50, settings: { language: { value: 'de', from: 'streamer' } } },
    });
    for (const command of [update, { command: 'add', uniqueId: 'another' }]) {
      for (const proxyUrl of ['http://u:planted@p:1', 'socks5://planted@p:1', 'https://:planted@p']) {
        const refused = await handler.handle({ ...command, id: '2', proxyUrl });
        expect(refused).toMatchObject({ ok: false, problem: { status: 400, errors: [{ pointer: '/proxyUrl' }] } });
        expect(refused.problem).toMatchObject({ detail: expect.stringContaining('user or a password') as string });
        expect(JSON.stringify(refused)).not.toContain('planted');
      }
      const refused = await handler.handle({ ...command, id: '2', sessionId: 'planted' });
      expect(refused).toMatchObject({ ok: false, problem: { status: 400, errors: [{ pointer: '/sessionId' }] } });
      expect(JSON.stringify(refused)).not.toContain('planted');
    }
    expect((await streamers.list({ limit: 10 })).items.map(({ streamer }) => streamer.uniqueId)).toEqual(['someone']);
    const proxied = { ...update, id: '4', proxyUrl: 'http://proxy.example:3128' };
    expect(await handler.handle(proxied)).toMatchObject({ ok: true, streamer: { hasProxy: true } });
    expect(await handler.handle({ ...proxied, id: '5', proxyUrl: null })).toMatchObject({
      streamer: { hasProxy: false },
    });
    expect(await handler.handle({ ...update, id: '3', uniqueId: 'nobody' })).toMatchObject({
      ok: false,
      problem: { code: 'WATCHER_STREAMER_NOT_FOUND' },
    });
  });

  it('runs a command id once and gives the first reply again', async () => {
    const { handler, streamers } = setUp();
    const command = { id: 'same', command: 'add', uniqueId: 'someone' };
    const first = await handler.handle(command);
    await streamers.remove('someone', { purge: false });
    expect(await handler.handle(command)).toEqual(first);
    expect((await streamers.list({ limit: 10 })).items).toEqual([]);
  });

  it('answers a wrong command with a problem, with the id as far as there is one', async () => {
    const { handler, store } = setUp();
    expect(await handler.handle({ id: '1', command: 'add', uniqueId: 'someone', nmae: 'x' })).toMatchObject({
      id: '1',
      ok: false,
      problem: { status: 400, errors: [{ pointer: '/nmae' }] },
    });
    expect(await handler.handle({ id: '2', command: 'stop' })).toMatchObject({ ok: false, problem: { status: 400 } });
    expect(await handler.handle('no json')).toMatchObject({
      ok: false,
      problem: { code: 'WATCHER_REQUEST_MALFORMED' },
    });
    expect(await handler.handle({ id: '3', command: 'pause', uniqueId: 'no body' })).toMatchObject({
      ok: false,
      problem: { status: 400 },
    });
    expect(await handler.handle({ id: '4', command: 'pause', uniqueId: 'nobody' })).toMatchObject({
      ok: false,
      problem: { status: 404 },
    });
    // What was not understood may be sent again under the same id once it is right.
    expect([...store.replies.keys()]).toEqual(['3', '4']);
  });

  it('writes down what it changed, once, and not whom it purged', async () => {
    const { handler, audit } = setUp();
    const add = { id: '1', command: 'add', uniqueId: 'someone' };
    for (const command of [
      add,
      add,
      { ...add, id: '2' },
      { id: '3', command: 'pause', uniqueId: 'someone' },
      { id: '4', command: 'update', uniqueId: 'someone', priority: 1 },
      { id: '5', command: 'remove', uniqueId: 'someone', purge: true },
      { id: '6', command: 'remove', uniqueId: 'someone' },
    ])
      await handler.handle(command);
    const entry = { actor: 'commands', channel: 'command', target: 'streamers/someone' };
    const entries = await audit();
    expect(entries).toMatchObject([
      { ...entry, action: 'streamer.added', details: { commandId: '1' } },
      { ...entry, action: 'streamer.changed', details: { fields: ['paused'], commandId: '3' } },
      { ...entry, action: 'streamer.changed', details: { fields: ['priority'], commandId: '4' } },
      { action: 'streamer.removed', details: { purge: true, commandId: '5' } },
    ]);
    expect(entries[3]).not.toHaveProperty('target');
  });

  it('throws what may pass by itself, so that the command comes again', async () => {
    const { store, streamers } = setUp();
    const away = new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'Away.', { retryable: true });
    const failing = Object.assign(Object.create(streamers) as StreamerService, { add: () => Promise.reject(away) });
    const { trail } = memoryAudit();
    const handler = new CommandHandler({ streamers: failing, store, audit: trail, logger: SILENT_LOGGER });
    await expect(handler.handle({ id: '1', command: 'add', uniqueId: 'someone' })).rejects.toBe(away);
    expect(store.replies.size).toBe(0);
  });
});

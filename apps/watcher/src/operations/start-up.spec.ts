import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { addressOf } from './announce.js';
import { takeDataFolder } from './data-folder.adapter.js';
import { HttpGate } from './http-gate.adapter.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'livetap-start-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('HttpGate', () => {
  async function open(): Promise<{ gate: HttpGate; url: string }> {
    const gate = new HttpGate();
    await gate.listen('127.0.0.1', 0);
    cleanUps.push(() => gate.close());
    return { gate, url: `http://127.0.0.1:${gate.port}` };
  }

  it('is alive before there is an application, and says what is waited for', async () => {
    const { gate, url } = await open();
    gate.waitingFor('waiting for the database');
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      {
        status: 'unavailable',
        checks: {},
        reasons: [{ code: 'SERVICE_STARTING', message: 'waiting for the database' }],
      },
    ]);
    const other = await fetch(`${url}/v1/streamers`);
    expect([other.status, other.headers.get('content-type')]).toEqual([503, 'application/problem+json; charset=utf-8']);
    expect(((await other.json()) as { detail: string }).detail).toContain('waiting for the database');
  });

  it('hands requests to the application, takes them back at the end, and lets go of the port', async () => {
    const { gate, url } = await open();
    gate.serverFactory(
      (_request, response) => void (response as unknown as { end(text: string): void }).end('application'),
      {},
    );
    expect((await fetch(`${url}/x`)).status).toBe(503);
    gate.open();
    expect(await (await fetch(`${url}/x`)).text()).toBe('application');
    gate.shut();
    expect((await fetch(`${url}/x`)).status).toBe(503);
    await gate.close();
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  it('names a port in use and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    await expect(new HttpGate().listen('127.0.0.1', port)).rejects.toMatchObject({
      code: 'WATCHER_PORT_UNAVAILABLE',
      message: `Port ${port} on 127.0.0.1 is in use by another process. Stop that one, or set LIVETAP_HTTP_PORT to another port (0 takes any free one).`,
    });
  });
});

describe('takeDataFolder', () => {
  it('makes the folder and keeps one replica id for ever', async () => {
    const path = join(temporaryFolder(), 'deep', 'data');
    const first = await takeDataFolder(path);
    await first.release();
    const second = await takeDataFolder(path);
    expect(second.replicaId).toBe(first.replicaId);
    expect(first.replicaId).toMatch(/^[0-9a-f-]{36}$/);
    await second.release();
  });

  it('is for one process at a time', async () => {
    const path = temporaryFolder();
    const first = await takeDataFolder(path);
    await expect(takeDataFolder(path)).rejects.toMatchObject({
      code: 'WATCHER_JOURNAL_LOCKED',
      message: expect.stringContaining('in use') as string,
    });
    await first.release();
  });

  it('refuses a folder that is none, and an identity that was changed by hand', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(takeDataFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'WATCHER_DATA_DIR_UNUSABLE' });
    writeFileSync(join(folder, 'replica-id'), 'me');
    await expect(takeDataFolder(folder)).rejects.toMatchObject({ code: 'WATCHER_DATA_DIR_UNUSABLE' });
    writeFileSync(join(folder, 'replica-id'), '6f1c2c1e-5b3e-4a7e-9d83-1f6f4a3f3b55\n');
    await (await takeDataFolder(folder)).release();
  });
});

describe('addressOf', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3000/'],
    ['::1', 'http://[::1]:3000/'],
    ['0.0.0.0', 'http://localhost:3000/'],
    ['livetap.internal', 'http://livetap.internal:3000/'],
  ])('%s is reached at %s', (host, address) => {
    expect(addressOf(host, 3000)).toBe(address);
  });
});

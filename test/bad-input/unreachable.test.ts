import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command, Workspace } from '../cli/command.ts';
import { BOUNDED, OrdersTopic, ordersTable } from '../cli/orders.ts';
import { freePorts } from '../services/index.ts';

let space: Workspace;
let silent: Server;
const sockets = new Set<Socket>();
let silentAt = '';
let closedAt = '';

beforeAll(async () => {
  space = new Workspace();
  closedAt = `127.0.0.1:${(await freePorts(1))[0]}`;
  // Accepts connections and never answers.
  silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  silentAt = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  space.remove();
});

/** From the start of a process to its first answer, now. */
async function secondsToStart(): Promise<number> {
  const began = Date.now();
  await new Command(['validate', `${space.folder}/nothing.sql`]).ended;
  return (Date.now() - began) / 1000;
}

describe.each([
  ['a broker', (address: string) => ({ 'properties.bootstrap.servers': address }), 'kafka-unreachable'],
  ['a registry', (address: string) => ({ 'avro-confluent.url': `http://${address}` }), 'registry-unreachable'],
])('%s that does not answer', (_what, option, code) => {
  it.concurrent.each([
    ['a closed port', () => closedAt],
    ['a port that accepts and never answers', () => silentAt],
  ])('%s: named within ten seconds, code 1', async (_port, address) => {
    const dataDir = `${space.folder}/${code}-${address()}`;
    (await OrdersTopic.create(dataDir)).close();
    const startUp = await secondsToStart();
    const began = Date.now();
    const sql = `${ordersTable({ ...BOUNDED, ...option(address()) })}SELECT customer FROM orders`;
    const command = new Command(['sql', '-e', sql, '--data-dir', dataDir]);
    await command.printed(/error \[/);
    const seconds = (Date.now() - began) / 1000;
    const ended = await command.ended;
    expect(ended.stderr).toContain(`error [${code}]`);
    expect(ended.stderr).toContain(address());
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended.code).toBe(1);
    // What the process needs to start on a busy machine is not waiting for the address.
    expect(seconds - startUp).toBeLessThan(10);
  });
});

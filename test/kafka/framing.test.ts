import { expect, test } from 'vitest';
import { ResponseFramer } from '../../src/connectors/kafka/framing.ts';
import { ResponseBuffers, responseBytes } from '../../src/connectors/kafka/response-buffers.ts';
import { seeded } from './support.ts';

test('responses come out whole, in order and with slack, however the stream is cut', () => {
  const seed = Date.now() & 0x7fffffff;
  const random = seeded(seed);
  let direct = 0;
  for (let round = 0; round < 200; round++) {
    const responses = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, i) =>
      Buffer.alloc(4 + Math.floor(random() ** 4 * 700_000), i + 1),
    );
    const stream = Buffer.concat(
      responses.flatMap((response) => {
        const length = Buffer.alloc(4);
        length.writeInt32BE(response.length);
        return [length, response];
      }),
    );
    const buffers = new ResponseBuffers();
    const seen: Buffer[] = [];
    const framer = new ResponseFramer(buffers, (response) => {
      const { bytes, start, end } = responseBytes(response);
      expect(bytes.length - end).toBeGreaterThanOrEqual(8);
      seen.push(Buffer.from(bytes.subarray(start, end)));
      buffers.release(bytes.buffer);
    });
    for (let at = 0; at < stream.length;) {
      const size = 1 + Math.floor(random() ** 3 * 100_000);
      // Sockets read into the framer's memory where it has room; now and then they do not.
      const room = random() < 0.8 ? framer.room() : undefined;
      const chunk = stream.subarray(at, at + Math.min(size, room?.length ?? size));
      at += chunk.length;
      if (room === undefined) {
        framer.push(chunk);
        continue;
      }
      room.set(chunk);
      framer.filled(chunk.length);
      direct += chunk.length;
    }
    expect(seen.length, `seed ${seed}`).toBe(responses.length);
    expect(
      seen.every((response, i) => response.equals(responses[i])),
      `seed ${seed}`,
    ).toBe(true);
  }
  expect(direct, `seed ${seed}`).toBeGreaterThan(1_000_000);
});

test('what a broken connection left half read is dropped', () => {
  const seen: string[] = [];
  const framer = new ResponseFramer(new ResponseBuffers(), (response) => seen.push(response.toString()));
  framer.push(Buffer.from([0, 0, 0, 6, 97, 97]));
  framer.reset();
  framer.push(Buffer.from([0, 0, 0, 4, 98, 98, 98, 98]));
  expect(seen).toEqual(['bbbb']);
});

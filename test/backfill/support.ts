import { expect } from 'vitest';

export function expectError(code: string, action: () => unknown): void {
  expect(action).toThrowError(expect.objectContaining({ code }) as Error);
}

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { crc32, loadDigits, readDigits } from './digits/data';
import { teacher } from './linear/data';
import { surface } from './regression/data';
import { spirals } from './spirals/data';
import type { Rows, TaskData } from './task';
import { refusal, rejection } from '../testing/said';

const digitsFile = (): Promise<Uint8Array> => readFile('public/data/digits.bin');

/** A checksum of everything in a data set: it may not change, or links would mean something else. */
function fingerprint({ training, heldOut }: TaskData): string {
  return [training.features, training.targets, heldOut.features, heldOut.targets]
    .map((values) => crc32(new Uint8Array(values.buffer)).toString(16))
    .join(' ');
}

const column = (values: Float32Array, width: number, index: number): number[] =>
  Array.from(values).filter((_, i) => i % width === index);

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const counts = ({ targets }: Rows, classes: number): number[] =>
  Array.from({ length: classes }, (_, label) => targets.filter((each) => each === label).length);

describe('the surface', () => {
  const { training, heldOut } = surface();

  it('is sin(1.5a)·cos(b) on [-2, 2]², as f32', () => {
    expect([training.count, heldOut.count]).toEqual([256, 256]);
    for (const rows of [training, heldOut]) {
      for (let i = 0; i < rows.count; i++) {
        const [a, b] = rows.features.subarray(2 * i, 2 * i + 2);
        expect(rows.targets[i]).toBeCloseTo(Math.sin(1.5 * a) * Math.cos(b), 7);
      }
    }
  });

  it('covers the square evenly, with different points held out', () => {
    for (const index of [0, 1]) {
      const values = column(training.features, 2, index);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
      expect(Math.max(...values)).toBeLessThan(2);
      // The mean of 256 points has a standard deviation of 0.072.
      expect(Math.abs(mean(values))).toBeLessThan(0.25);
      expect(mean(values.map((x) => x * x))).toBeCloseTo(4 / 3, 0);
    }
    const points = new Set([...column(training.features, 2, 0), ...column(heldOut.features, 2, 0)]);
    expect(points.size).toBeGreaterThan(510);
  });
});

describe('the spirals', () => {
  const { training, heldOut } = spirals();

  it('have two classes of equal size, one the other turned by half a turn', () => {
    expect(counts(training, 2)).toEqual([512, 512]);
    expect(counts(heldOut, 2)).toEqual([256, 256]);
    for (let i = 0; i < training.count; i++) {
      const [x, y] = training.features.subarray(2 * i, 2 * i + 2);
      const radius = Math.hypot(x, y);
      if (radius < 0.2) continue;
      const turns = Math.atan2(y, x) / (2 * Math.PI) - 1.5 * radius - training.targets[i] / 2;
      const distance = Math.abs(turns - Math.round(turns));
      // Noise moves a point by 0.03·√2 at most, and with its radius the angle it should have.
      expect(distance).toBeLessThan(0.0425 * (1 / (2 * Math.PI * radius) + 1.5) + 0.02);
    }
  });
});

describe('the linear teacher', () => {
  it('can be learned up to its noise', () => {
    const { training } = teacher();
    expect(training.features).toHaveLength(10_240);
    expect(training.targets).toHaveLength(2048);
    // Inputs are independent with variance 1/3, so a covariance times 3 is a weight.
    const y = column(training.targets, 2, 0);
    const average = mean(y);
    const explained = Array.from({ length: 10 }, (_, k) => {
      const x = column(training.features, 10, k);
      return (3 * mean(x.map((value, i) => value * (y[i] - average)))) ** 2 / 3;
    });
    const variance = mean(y.map((value) => (value - average) ** 2));
    expect(explained.reduce((a, b) => a + b, 0) / variance).toBeGreaterThan(0.8);
  });
});

describe('the digits', () => {
  it('are split by class, with pixels in sixteenths', async () => {
    const { training, heldOut } = await loadDigits(digitsFile);
    expect([training.count, heldOut.count]).toEqual([1437, 360]);
    expect(counts(heldOut, 10)).toEqual(Array.from({ length: 10 }, () => 36));
    expect(counts(training, 10)).toEqual([142, 146, 141, 147, 145, 146, 145, 143, 138, 144]);
    expect(training.features.every((pixel) => pixel >= 0 && pixel <= 1 && Number.isInteger(pixel * 16))).toBe(
      true,
    );
    const bytes = await digitsFile();
    expect([...training.features.subarray(0, 64)].map((pixel) => pixel * 16)).toEqual([
      ...bytes.subarray(0, 64),
    ]);
  });

  it('are refused in words when the file is cut, changed or missing', async () => {
    const bytes = Uint8Array.from(await digitsFile());
    expect(refusal(() => readDigits(bytes.subarray(1)))).toMatch(
      /digits\.bin is damaged: it has 116804 bytes/,
    );
    bytes[500] ^= 1;
    expect(refusal(() => readDigits(bytes))).toMatch(/checksum/);
    expect(await rejection(loadDigits(() => Promise.reject(new Error('404 Not Found'))))).toMatch(
      /digits could not be loaded .*404 Not Found/,
    );
  });
});

it('data sets never change: links refer to them', async () => {
  const digits = await loadDigits(digitsFile);
  const sets = { surface: surface(), spirals: spirals(), teacher: teacher(), digits };
  const fingerprints = Object.fromEntries(
    Object.entries(sets).map(([name, data]) => [name, fingerprint(data)]),
  );
  expect(fingerprints).toMatchInlineSnapshot(`
    {
      "digits": "8e6e0d97 fd13b277 71d88cf7 2a168353",
      "spirals": "1af2d03b 32791734 8d74beae b56bbe10",
      "surface": "f9cc62fd 39d7a22c 858da561 7d7b89ed",
      "teacher": "f10ab1b0 fe2aa7ec 28a8f6d5 8e1897e",
    }
  `);
});

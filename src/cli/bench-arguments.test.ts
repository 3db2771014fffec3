import { describe, expect, test } from 'vitest';
import { TASK_IDS } from '../experiment/experiment';
import { benchOptions } from './bench-arguments';
import { earlierSources } from './bench-before';
import { choosePeers } from './bench-peers';
import { UsageError } from './errors';

describe('what bench is asked for', () => {
  test('everything, in Node, where nothing is said', () => {
    expect(benchOptions([])).toMatchObject({
      where: 'node',
      tasks: TASK_IDS,
      lanes: [1, 2, 16, 40],
      optimizer: 'own',
      peers: undefined,
      before: undefined,
    });
  });

  test('lists are separated by commas, and name each thing once', () => {
    expect(benchOptions(['--lanes', '2,1,2', '--tasks', 'linear', '--backends', 'webgpu'])).toMatchObject({
      lanes: [2, 1],
      tasks: ['linear'],
      backends: ['webgpu'],
    });
  });

  test('with peers in their browser, and with the optimizer that they have', () => {
    expect(benchOptions(['--peers', 'some/folder', '--only', 'js-hand,tfjs-wasm'])).toMatchObject({
      where: 'chromium',
      optimizer: 'adam',
      peers: { folder: 'some/folder', names: ['js-hand', 'tfjs-wasm'] },
    });
    expect(benchOptions(['--peers', 'some/folder', '--optimizer', 'own']).optimizer).toBe('own');
  });

  test.each([
    [['--lanes', '0'], /--lanes must be a whole number from 1 to 40, not "0"/],
    [['--lanes', '1,,2'], /--lanes must be a whole number/],
    [['--lanes', '41'], /from 1 to 40/],
    [['--tasks', 'xor'], /--tasks must be .*linear, not "xor"/],
    [['--backends', 'cuda'], /--backends must be cpu or .*, not "cuda"/],
    [['--backends', 'toString'], /not "toString"/],
    [['--in', 'firefox'], /--in must be node or chromium/],
    [['--seconds', '1.5'], /--seconds must be a whole number/],
    [['--rounds', '0'], /--rounds must be a whole number from 1/],
    [['--only', 'js-hand'], /--only chooses among --peers/],
    [['--in', 'node', '--peers', 'folder'], /--peers needs --in chromium/],
    [['--in', 'node', '--before', 'folder'], /--before needs --in chromium/],
    [['spirals'], /unexpected argument "spirals"/],
    [['--fast'], /--fast.*usage: bench/],
  ])('%j is refused in words', (argv, message) => {
    expect(() => benchOptions(argv)).toThrow(UsageError);
    expect(() => benchOptions(argv)).toThrow(message);
  });
});

test('a folder without peers is refused before any browser starts', () => {
  expect(() => choosePeers({ folder: 'src', names: ['js-hand'] })).toThrow(
    new UsageError('--peers: src is no folder of peers: it has no bench.mjs'),
  );
});

test('a folder that is no checkout is refused before any browser starts', () => {
  expect(() => earlierSources('src')).toThrow(
    new UsageError(
      '--before: src is no checkout of this project with its packages: it has no vite.config.ts',
    ),
  );
});

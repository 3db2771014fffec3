/** The tests that `npm run -s verify:mutants` runs anew for every fault: all but those that train whole runs. */
import { defineConfig, mergeConfig } from 'vitest/config';
import vite from './vite.config.ts';

export default mergeConfig(
  vite,
  defineConfig({
    test: {
      exclude: [
        'src/analysis/diagnosis/diagnosis.test.ts',
        'src/analysis/presets.test.ts',
        'src/engine/agreement.test.ts',
        'src/engine/report.test.ts',
        'src/ui/opening/opening.test.ts',
      ],
    },
  }),
);

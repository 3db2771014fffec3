/**
 * The Content-Security-Policy, in the page itself so that it holds on any static host. Built pages only: Vite's
 * development server works with scripts and styles within the page.
 */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** The style elements that React Aria makes, for taps without a delay and for scrolling behind a dialog in Safari. */
const LIBRARY_STYLES = [
  '@layer {\n  [data-react-aria-pressable] {\n    touch-action: pan-x pan-y pinch-zoom;\n  }\n}',
  '@layer {\n  * {\n    overscroll-behavior: contain;\n  }\n}',
];

const hashSource = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const POLICY: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'none'"],
  // WebAssembly may be compiled; no other text becomes code.
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'"],
  // React sets styles through the DOM, which is no style attribute in the sense of the policy.
  'style-src': ["'self'", ...LIBRARY_STYLES.map(hashSource)],
  'img-src': ["'self'"],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'object-src': ["'none'"],
};

const policyText = (): string =>
  Object.entries(POLICY)
    .map(([directive, sources]) => [directive, ...sources].join(' '))
    .join('; ');

export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: policyText() },
        // Before everything that it is about.
        injectTo: 'head-prepend',
      },
    ],
  };
}

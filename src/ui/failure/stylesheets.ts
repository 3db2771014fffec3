/** Vite asks for the stylesheet of a chunk once: one that did not come is asked for again here. */
const missing = (): HTMLLinkElement[] => [
  ...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet][data-failed]'),
];

// A failure does not bubble, but it can be caught on its way down.
document.addEventListener(
  'error',
  ({ target }) => {
    if (target instanceof HTMLLinkElement) target.dataset.failed = '';
  },
  { capture: true },
);

function again(link: HTMLLinkElement): Promise<void> {
  return new Promise((resolve, reject) => {
    const copy = link.cloneNode() as HTMLLinkElement;
    delete copy.dataset.failed;
    copy.addEventListener('load', () => resolve(), { once: true });
    copy.addEventListener('error', () => reject(new Error(`${link.href} could not be loaded`)), {
      once: true,
    });
    link.replaceWith(copy);
  });
}

/** @throws {Error} when a stylesheet that has failed before fails again */
export async function repairStylesheets(): Promise<void> {
  await Promise.all(missing().map(again));
}

import { useCallback, useState, type RefCallback } from 'react';

/** Width of an element in CSS pixels, followed as it changes. */
export function useWidth(initial = 800): readonly [RefCallback<HTMLElement>, number] {
  const [width, setWidth] = useState(initial);
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined;
    // An element that is not laid out yet has no width; what is drawn then is not seen.
    const measure = (): void => setWidth((known) => element.clientWidth || known);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

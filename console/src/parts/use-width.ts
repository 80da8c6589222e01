import { type RefObject, useEffect, useRef, useState } from 'react';

/** Narrower than this nothing is drawn: the page is being laid out, or printed. */
const LEAST = 160;

/** How wide an element is, in CSS pixels, as it changes. */
export function useWidth(first: number): [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement | null>(null);
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width >= LEAST) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

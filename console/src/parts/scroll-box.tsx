import { type ReactNode, useEffect, useRef, useState } from 'react';

export interface ScrollBoxProps {
  /** What is in it, for who hears the page. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A table that may be wider than a phone: where it scrolls it is within reach of the keyboard, and only there. */
export function ScrollBox({ label, children }: ScrollBoxProps): ReactNode {
  const box = useRef<HTMLDivElement | null>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setScrolls(element.scrollWidth > element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const reached = scrolls ? { role: 'region', 'aria-label': label, tabIndex: 0 } : {};
  return (
    <div ref={box} className="scroll-box" {...reached}>
      {children}
    </div>
  );
}

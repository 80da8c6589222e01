import { Dialog } from '@base-ui/react/dialog';
import { type ReactNode, type RefObject, useState } from 'react';
import { useLanguage } from '../language/language.tsx';

export interface PanelDialogProps {
  readonly title: string;
  readonly close: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  /** What has the focus first; else the first that can have it. */
  readonly first?: RefObject<HTMLElement | null>;
}

/** A dialog: it has the focus until it is closed, and gives it back then. */
export function PanelDialog({ title, close, children, className = '', first }: PanelDialogProps): ReactNode {
  const { t } = useLanguage();
  const [before] = useState(() => document.activeElement);
  // Back to where one was, be it the page itself: the dialog would rather have a link, which the next Enter presses.
  const giveBack = (): boolean => {
    if (!(before instanceof HTMLElement) || before === document.body || !before.isConnected) return true;
    setTimeout(() => before.focus({ preventScroll: true }));
    return false;
  };
  return (
    <Dialog.Root open onOpenChange={(isOpen) => (isOpen ? undefined : close())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup
          className={`dialog ${className}`}
          finalFocus={giveBack}
          {...(first === undefined ? {} : { initialFocus: first })}
        >
          <header className="dialog-head">
            <Dialog.Title>{title}</Dialog.Title>
            <Dialog.Close className="quiet" aria-label={t.common.close}>
              ✕
            </Dialog.Close>
          </header>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

import { type ReactNode, useState } from 'react';
import { type CaseId, useCase } from '../api/cases.ts';
import { useLanguage } from '../language/language.tsx';
import { FaultNote } from '../parts/fault-note.tsx';
import { PanelDialog } from '../parts/panel-dialog.tsx';
import { DecideForm } from './decide-form.tsx';
import type { DecisionKind } from './decisions.ts';
import { useTypedAhead } from './typed-ahead.ts';

export interface DecideDialogProps {
  readonly id: CaseId;
  readonly filter: string;
  readonly decision: DecisionKind;
  readonly close: () => void;
  readonly decided: () => void;
}

/** Decides from the queue, without opening the case. */
export function DecideDialog({ id, filter, decision, close, decided }: DecideDialogProps): ReactNode {
  const { t } = useLanguage();
  const asked = useCase(id);
  const [kind, setKind] = useState(decision);
  useTypedAhead(id, asked.isPending);
  return (
    <PanelDialog title={`${t.decide.title} · ${id.line}`} close={close}>
      {asked.isPending && <p className="loading">{t.common.loading}</p>}
      {asked.error !== null && <FaultNote error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data?.summary.breaches.length === 0 && <p>{t.case.takenBack}</p>}
      {asked.data !== undefined && asked.data.summary.breaches.length > 0 && (
        <DecideForm
          shown={asked.data}
          filter={filter}
          decision={kind}
          choose={setKind}
          asked={1}
          decided={() => {
            decided();
            close();
          }}
        />
      )}
    </PanelDialog>
  );
}

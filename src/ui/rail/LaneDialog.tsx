import { useReducer, useState, type ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { BOUNDS, MAX_NAME_LENGTH } from '../../experiment/bounds';
import type { LaneConfig } from '../../experiment/experiment';
import { fieldText } from '../../analysis/numbers';
import { laneProblem } from '../../experiment/schema';
import { useController } from '../store/react';
import { withLane } from '../store/structure';
import { DraftScope } from '../widgets/DraftScope';
import { NumberField } from '../widgets/NumberField';
import { TextField } from '../widgets/TextField';
import { ArithmeticFields } from './ArithmeticFields';
import { AutocastFields } from './AutocastFields';
import { FormatChoice } from './FormatChoice';
import { ScalerFields } from './ScalerFields';
import { StoresFields } from './StoresFields';

interface Props {
  readonly index: number;
  readonly name: string;
  readonly onClose: () => void;
}

/** Edits a copy of a lane; nothing happens before it is applied. */
export function LaneDialog({ index, name, onClose }: Props): ReactNode {
  const { t } = useTranslation();
  const controller = useController();
  const [draft, setDraft] = useState<LaneConfig>(() => controller.current().lanes[index]);
  const [unsettled, countUnsettled] = useReducer((count: number, change: number) => count + change, 0);
  const change = (part: Partial<LaneConfig>): void => setDraft((lane) => ({ ...lane, ...part }));
  const apply = (): void => {
    controller.restructure((experiment) => withLane(experiment, index, draft));
    onClose();
  };
  return (
    <ModalOverlay className="modal-overlay" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="modal">
        <Dialog className="dialog">
          <Heading slot="title" level={2}>
            {t('lane.editTitle', { name })}
          </Heading>
          <TextField
            label={t('lane.name')}
            value={draft.name}
            placeholder={t('lane.nameAuto')}
            maxLength={MAX_NAME_LENGTH}
            onChange={(text) => change({ name: text })}
          />
          <DraftScope of="dialog" onUnsettled={countUnsettled}>
            <AutocastFields lane={draft} onChange={change} />
            <FormatChoice
              key={`forward of ${draft.autocast}`}
              label={t('lane.format')}
              value={draft.format}
              // Gradients follow the forward format as long as they do not differ from it.
              onChange={(format) =>
                change(
                  draft.gradientFormat === draft.format ? { format, gradientFormat: format } : { format },
                )
              }
            />
            <FormatChoice
              key={`backward of ${draft.autocast}`}
              label={t('lane.gradientFormat')}
              value={draft.gradientFormat}
              onChange={(gradientFormat) => change({ gradientFormat })}
            />
            <ArithmeticFields lane={draft} onChange={change} />
            <StoresFields lane={draft} onChange={change} />
            <ScalerFields scaler={draft.scaler} onChange={(scaler) => change({ scaler })} />
            <NumberField
              label={t('lane.ownLearningRate')}
              value={draft.learningRate}
              format={fieldText}
              bound={BOUNDS.learningRate}
              placeholder={t('lane.follows')}
              onChange={(learningRate) => change({ learningRate })}
              onClear={() => change({ learningRate: null })}
            />
            <NumberField
              label={t('lane.ownSeed')}
              value={draft.seed}
              format={String}
              bound={BOUNDS.seed}
              placeholder={t('lane.follows')}
              onChange={(seed) => change({ seed })}
              onClear={() => change({ seed: null })}
            />
          </DraftScope>
          {unsettled > 0 && <p className="field-error">{t('lane.unsettled')}</p>}
          <div className="dialog-buttons">
            <Button className="button" onPress={onClose}>
              {t('lane.cancel')}
            </Button>
            <Button
              className="button primary"
              isDisabled={unsettled > 0 || laneProblem(draft) !== null}
              onPress={apply}
            >
              {t('lane.apply')}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

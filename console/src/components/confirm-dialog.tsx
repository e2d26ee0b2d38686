import { Button, Group, Modal, Stack } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ErrorState } from './error-state.tsx';
import { useAboveDrawer } from './side-drawer.tsx';

interface ConfirmDialogProps {
  opened: boolean;
  onClose: () => void;
  /** A question: "Delete this profile?" */
  title: string;
  /** What will happen, to what, and whether it can be undone. */
  children: ReactNode;
  /** A verb: "Delete". */
  confirmLabel: string;
  /** The dialog closes when it resolves, and shows why when it rejects. */
  onConfirm: () => Promise<unknown>;
  dangerous?: boolean;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, onClose, title, children, confirmLabel, onConfirm, dangerous = true } = props;
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const origin = useRef<HTMLElement | null>(null);
  useAboveDrawer(opened);
  useEffect(() => {
    if (opened) {
      origin.current ??= lasting(document.activeElement);
      return;
    }
    // While it has the focus: without animations, a menu is gone by the time that the dialog opens.
    const onFocus = ({ target }: FocusEvent) => {
      origin.current = lasting(target);
    };
    document.addEventListener('focusin', onFocus);
    return () => document.removeEventListener('focusin', onFocus);
  }, [opened]);
  const close = () => {
    if (pending) return;
    setError(undefined);
    onClose();
  };
  const confirm = async () => {
    setPending(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      returnFocus={false}
      onExitTransitionEnd={() => origin.current?.focus({ preventScroll: true })}
    >
      <Stack gap="md">
        <div>{children}</div>
        {error !== undefined && <ErrorState error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} disabled={pending} data-autofocus>
            Cancel
          </Button>
          <Button {...(dangerous && { color: 'red' })} loading={pending} onClick={() => void confirm()}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** What the focus comes back to: an item of a menu is gone with its menu, the button of the menu is not. */
function lasting(element: EventTarget | null): HTMLElement | null {
  if (!(element instanceof HTMLElement)) return null;
  return document.getElementById(element.closest('[role="menu"]')?.getAttribute('aria-labelledby') ?? '') ?? element;
}

import { Drawer, type DrawerProps } from '@mantine/core';
import { createContext, useCallback, useContext, useEffect, useState } from 'react';

const AboveContext = createContext<(change: 1 | -1) => void>(() => {});

/** A drawer at the right, out of which dialogs can open: the escape key closes them first, and then the drawer. */
export function SideDrawer({ children, ...props }: DrawerProps) {
  const [above, setAbove] = useState(0);
  const change = useCallback((by: 1 | -1) => setAbove((before) => before + by), []);
  return (
    <Drawer position="right" closeOnEscape={above === 0} {...props}>
      <AboveContext value={change}>{children}</AboveContext>
    </Drawer>
  );
}

/** Tells the drawer around it, if there is one, that a dialog is open above it. `ConfirmDialog` does it by itself. */
export function useAboveDrawer(opened: boolean): void {
  const change = useContext(AboveContext);
  useEffect(() => {
    if (!opened) return;
    change(1);
    // The key that closed the dialog has to be over before the drawer listens again.
    return () => void setTimeout(change, 0, -1);
  }, [opened, change]);
}

import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import IconCheck from '@tabler/icons-react/dist/esm/icons/IconCheck.mjs';
import IconCopy from '@tabler/icons-react/dist/esm/icons/IconCopy.mjs';

interface CopyButtonProps {
  /** A function where it takes time to make the text. */
  value: string | (() => string);
  /** Says what is copied: "Copy the account's id". */
  label: string;
}

/** Copies a text. */
export function CopyButton({ value, label }: CopyButtonProps) {
  const { copied, copy } = useClipboard({ timeout: 1_500 });
  return (
    <Tooltip label={copied ? 'Copied' : label}>
      <ActionIcon
        variant="subtle"
        color={copied ? 'green' : 'gray'}
        aria-label={label}
        onClick={() => copy(typeof value === 'string' ? value : value())}
      >
        {copied ? <IconCheck size={16} stroke={1.8} /> : <IconCopy size={16} stroke={1.6} />}
        <span className="visually-hidden" role="status">
          {copied ? 'Copied' : ''}
        </span>
      </ActionIcon>
    </Tooltip>
  );
}

// The whole package has six thousand icons in one module; its parts have no types of their own.
declare module '@tabler/icons-react/dist/esm/icons/*.mjs' {
  import type { TablerIcon } from '@tabler/icons-react';

  const icon: TablerIcon;
  // biome-ignore lint/style/noDefaultExport: it is what the package has
  export default icon;
}

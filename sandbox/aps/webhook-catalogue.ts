/** Systems and their events, of the OpenAPI document and the reference pages. */
const DATA_EVENTS = [
  'dm.version.added',
  'dm.version.modified',
  'dm.version.deleted',
  'dm.version.moved',
  'dm.version.moved.out',
  'dm.version.copied',
  'dm.version.copied.out',
  'dm.lineage.reserved',
  'dm.lineage.unreserved',
  'dm.lineage.updated',
  'dm.folder.added',
  'dm.folder.modified',
  'dm.folder.deleted',
  'dm.folder.purged',
  'dm.folder.moved',
  'dm.folder.moved.out',
  'dm.folder.copied',
  'dm.folder.copied.out',
  'dm.operation.started',
  'dm.operation.completed',
] as const;

interface WebhookSystem {
  events: readonly RegExp[];
  /** What the events can be narrowed to; `undefined` where the documents do not say, so that anything goes. */
  scopes: readonly string[] | undefined;
}

export const WEBHOOK_SYSTEMS: Readonly<Record<string, WebhookSystem>> = {
  data: { events: [literal(DATA_EVENTS)], scopes: ['folder', 'project'] },
  derivative: { events: [literal(['extraction.finished', 'extraction.updated'])], scopes: ['workflow'] },
  'adsk.c4r': { events: [literal(['model.sync', 'model.publish'])], scopes: ['folder'] },
  'adsk.flc.production': {
    events: [/^item\.(clone|create|lock|release|unlock|update)$/, /^workflow\.transition$/],
    scopes: undefined,
  },
  'autodesk.construction.cost': { events: [/^[A-Za-z]+\.[A-Za-z]+-1\.0$/], scopes: ['project'] },
  'autodesk.construction.issues': {
    events: [/^issue\.(created|updated|deleted|restored|unlinked)-1\.0$/],
    scopes: ['project'],
  },
  'autodesk.construction.reviews': { events: [/^review\.(created|closed)-1\.0$/], scopes: ['project'] },
  'autodesk.construction.bc': { events: [/^[A-Za-z]+\.[A-Za-z]+-1\.0$/], scopes: undefined },
  'adsk.tandem': { events: [/^[A-Za-z]+\.[A-Za-z.]+-1\.0$/], scopes: undefined },
};

function literal(names: readonly string[]): RegExp {
  return new RegExp(`^(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$`);
}

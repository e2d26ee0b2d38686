// The one definition of the YAML format: the TypeScript types, the published JSON Schema and the loader's checks all come
// from here. Descriptions are what an editor shows.
export { ActionFormat, ActionsFileFormat } from './format/action.ts';
export { ConnectorFormat } from './format/connector.ts';
export { CheckFormat } from './format/diagnosis.ts';
export { ExampleFormat, ExamplesFileFormat } from './format/example.ts';
export { GuideFormat } from './format/guide.ts';
export { InputFormat } from './format/input.ts';
export { OutputFormat } from './format/output.ts';
export { PaginationFormat } from './format/pagination.ts';
export { RequestFormat } from './format/request.ts';
export { StepFormat } from './format/steps.ts';

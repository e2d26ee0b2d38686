// The link page. Plain DOM, texts as text: nothing here ever becomes HTML. Types are checked as JSDoc would be read by people.

const main = document.getElementById('main');
const content = document.getElementById('content');
const status = document.getElementById('status');
// Beside this file, wherever the server is mounted.
const hub = new URL('..', import.meta.url);
const SVG = 'http://www.w3.org/2000/svg';

/** @typedef {{ token?: string, code?: string, detail?: string, hint?: string, status?: number, errors?: {path: string, message: string}[] }} Answer */

/** A refusal of the server, as a problem document (RFC 9457). */
class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? 'The server did not answer as expected.');
    this.problem = problem;
  }
}

/** Calls the server; rejects with a {@link Refusal}. */
async function call(path, body) {
  let response;
  try {
    response = await fetch(new URL(path, hub), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify(body),
    });
  } catch {
    throw new Refusal({
      code: 'offline',
      title: 'No connection',
      detail: 'The server could not be reached. Check your connection and try again.',
    });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(answer);
  return answer;
}

/** An element with attributes (undefined and false: left out) and children; texts become text nodes. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'onclick' || key === 'onsubmit') made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== undefined && value !== false) made.setAttribute(key, String(value));
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return made;
}

/** Shows something else: the heading takes the focus, so that readers and keyboards begin there. */
function show(title, ...children) {
  const heading = element('h1', { tabindex: '-1' }, title);
  const mark = children[0] instanceof SVGElement ? [children.shift()] : [];
  content.replaceChildren(
    ...mark,
    heading,
    ...children.flat().filter((child) => child !== undefined && child !== false),
  );
  document.title = title;
  say('');
  heading.focus();
}

/** Tells what is going on to those who do not see it. */
function say(text) {
  status.textContent = text;
}

/** The full stop behind a name, which "Example Inc." brings along. */
function endOf(name) {
  return name.endsWith('.') ? '' : '.';
}

function mark(kind) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 48 48');
  svg.setAttribute('class', `mark ${kind}`);
  svg.setAttribute('aria-hidden', 'true');
  const circle = document.createElementNS(SVG, 'circle');
  for (const [key, value] of [
    ['cx', '24'],
    ['cy', '24'],
    ['r', '22'],
  ])
    circle.setAttribute(key, value);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', kind === 'good' ? 'M14 25l7 7 14-15' : 'M24 13v14M24 34v.5');
  svg.append(circle, path);
  return svg;
}

// ---- the link

async function openLink(token) {
  let view;
  try {
    view = await call('session', { token });
  } catch (error) {
    return showRefusal(error, () => openLink(token));
  }
  showLink(token, view);
}

function showLink(token, view) {
  const label = view.connector.label;
  // The key first: the settings may go by it.
  const keyField = view.api_key && secretField(view.api_key);
  const fields = [...(keyField ? [keyField] : []), ...view.settings.map(field)];
  // What most people need not know is out of their way.
  const [asked, further] = [fields.filter(({ rare }) => !rare), fields.filter(({ rare }) => rare)];
  const details = element(
    'details',
    {},
    element('summary', {}, 'More details (optional)'),
    further.map(({ row }) => row),
  );
  const summary = element('div', { role: 'alert' });
  const form = element(
    'form',
    { novalidate: true, onsubmit: (event) => submit(event) },
    asked.length > 0 && element('h2', {}, 'A few details'),
    asked.map(({ row }) => row),
    further.length > 0 && details,
    summary,
    element(
      'div',
      { class: 'actions' },
      element('button', { type: 'submit' }, view.consent ? `Continue to ${label}` : `Connect ${label}`),
      element('button', { type: 'button', class: 'second', onclick: () => busy(() => cancel()) }, 'Cancel'),
    ),
  );
  show(
    `Connect ${label} to ${view.workspace}`,
    element(
      'p',
      {},
      element('strong', {}, view.workspace),
      ` asks to work with ${label} for `,
      element('strong', {}, view.owner),
      endOf(view.owner),
    ),
    view.relink &&
      element(
        'p',
        { class: 'notice' },
        view.allow_identity_change
          ? `This connects again an account that was connected before. It will work as the ${label} user ${view.api_key ? 'whose key you give' : 'that you sign in as'}.`
          : `This connects again an account that was connected before. ${view.api_key ? 'Use a key of' : 'Sign in as'} the same ${label} user as then.`,
      ),
    view.scopes.length > 0 && element('h2', {}, `What ${view.workspace} will be able to do`),
    view.scopes.length > 0 &&
      element(
        'ul',
        { class: 'scopes' },
        view.scopes.map(({ id, description }) =>
          element('li', {}, description, description === id ? undefined : element('code', {}, id)),
        ),
      ),
    form,
    element(
      'p',
      { class: 'quiet' },
      view.consent
        ? `You sign in at ${view.provider_host}; your password is not shown to ${view.workspace}${endOf(view.workspace)} `
        : '',
      view.api_key ? `The key is kept encrypted and used for ${label} only. ` : '',
      `Continue only if you expected this from ${view.workspace}${endOf(view.workspace)}`,
    ),
  );

  async function submit(event) {
    event.preventDefault();
    await busy(async () => {
      clearFaults();
      const wrong = fields.filter((entry) => entry.missing());
      for (const entry of wrong) entry.fault('Please fill this in.');
      if (wrong.length > 0) return void wrong[0].focus();
      say(view.consent ? `Going to ${label}…` : `Connecting ${label}…`);
      const settings = Object.fromEntries(fields.flatMap((entry) => entry.entry()));
      const answer = await call('start', { token, settings, api_key: keyField?.take() });
      if (answer.outcome) return finish(answer.outcome);
      const { protocol } = new URL(answer.authorization_url);
      if (protocol !== 'https:' && protocol !== 'http:') throw new Refusal({});
      location.assign(answer.authorization_url);
    });
  }

  async function cancel() {
    finish(await call('cancel', { token }));
  }

  /** One thing at a time; a refusal that names fields is shown at them. */
  async function busy(work) {
    const buttons = [...form.querySelectorAll('button')];
    if (buttons.some((button) => button.getAttribute('aria-disabled') === 'true')) return;
    for (const button of buttons) button.setAttribute('aria-disabled', 'true');
    try {
      await work();
    } catch (error) {
      const errors =
        error instanceof Refusal && error.problem.code === 'request_invalid' ? (error.problem.errors ?? []) : [];
      if (errors.length === 0 && error instanceof Refusal && isFinal(error.problem.code)) return showRefusal(error);
      say('');
      summary.replaceChildren(
        element(
          'div',
          { class: 'summary' },
          element(
            'p',
            { class: 'fault' },
            error instanceof Refusal ? error.message : 'Something went wrong. Please try again.',
          ),
        ),
      );
      const named = errors.flatMap(({ path, message }) => {
        const entry = fields.find((one) => path === one.path);
        entry?.fault(faultText(entry, message));
        if (entry?.rare) details.open = true;
        return entry ? [entry] : [];
      });
      // It was taken off the page when it was sent.
      if (keyField?.isGone() && !named.includes(keyField)) {
        const words = KEY_REFUSALS[error instanceof Refusal ? error.problem.code : ''];
        keyField.fault(words ?? 'Please paste it once more.');
        named.push(keyField);
      }
      named[0]?.focus();
    } finally {
      for (const button of buttons) button.removeAttribute('aria-disabled');
    }
  }

  function clearFaults() {
    summary.replaceChildren();
    for (const entry of fields) entry.fault('');
  }
}

const KEY_REFUSALS = {
  credential_inactive: 'This key is not accepted. Check that it was copied as a whole, or make a new one.',
  identity_changed: 'This is the key of another person than the one who connected this account before.',
};

function faultText({ example }, message) {
  if (!message.startsWith('must match pattern')) return `This ${message}.`;
  return example === undefined
    ? 'This does not have the right form.'
    : `This does not have the right form. It looks like ${example}.`;
}

/** A declared setting as a labelled input. */
function field({ name, schema, required, value }) {
  const id = `setting-${name}`;
  const words = name.replaceAll('_', ' ');
  const label = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  const example = schema.examples?.[0];
  const optional = !required && schema.default === undefined;
  const hints = [schema.description, example !== undefined && `Example: ${example}`].filter(Boolean).join(' ');
  const described = [hints && `${id}-hint`, `${id}-fault`].filter(Boolean).join(' ');
  const shared = { id, name, 'aria-describedby': described, 'aria-required': required };
  const input = inputOf(schema, shared, required, value);
  const fault = element('p', { class: 'fault', id: `${id}-fault` });
  const caption = element(
    'label',
    { for: id },
    label,
    optional && element('span', { class: 'optional' }, ' (optional)'),
  );
  const hint = hints && element('p', { class: 'hint', id: `${id}-hint` }, hints);
  const row =
    schema.type === 'boolean'
      ? element('div', { class: 'field' }, element('div', { class: 'choice' }, input, caption), hint, fault)
      : element('div', { class: 'field' }, caption, hint, input, fault);
  return {
    path: `/settings/${name}`,
    row,
    example,
    rare: optional && value === null,
    focus: () => input.focus(),
    missing: () => required && schema.type !== 'boolean' && input.value.trim() === '',
    fault(text) {
      fault.textContent = text;
      if (text === '') input.removeAttribute('aria-invalid');
      else input.setAttribute('aria-invalid', 'true');
    },
    /** Name and value; nothing when it was left empty. */
    entry() {
      if (schema.type === 'boolean') return [[name, input.checked]];
      const text = input.value.trim();
      if (text === '') return [];
      if (schema.enum) return [[name, schema.enum.find((choice) => String(choice) === text) ?? text]];
      const number = Number(text);
      return [[name, schema.type === 'string' || Number.isNaN(number) ? text : number]];
    },
  };
}

/** What stays secret: typed once, sent once, kept nowhere. Without a name, so that no form could send it by itself. */
function secretField({ label, description }) {
  const id = 'api-key';
  const input = element('input', {
    id,
    type: 'password',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-describedby': `${id}-hint ${id}-fault`,
    'aria-required': 'true',
  });
  const fault = element('p', { class: 'fault', id: `${id}-fault` });
  const hint = element('p', { class: 'hint', id: `${id}-hint` }, description ?? '');
  let taken = false;
  return {
    path: '/api_key',
    row: element('div', { class: 'field' }, element('label', { for: id }, label), hint, input, fault),
    rare: false,
    focus: () => input.focus(),
    missing: () => input.value.trim() === '',
    fault(text) {
      fault.textContent = text;
      if (text === '') input.removeAttribute('aria-invalid');
      else input.setAttribute('aria-invalid', 'true');
    },
    entry: () => [],
    isGone: () => taken && input.value === '',
    /** The key, which is then no longer on the page, whatever becomes of it. */
    take() {
      const key = input.value.trim();
      input.value = '';
      taken = true;
      return key;
    },
  };
}

function inputOf(schema, shared, required, value) {
  const given = value === null ? '' : String(value);
  if (schema.type === 'boolean') return element('input', { ...shared, type: 'checkbox', checked: value === true });
  if (schema.enum) {
    const empty =
      (!required && schema.default === undefined) || given === '' ? [element('option', { value: '' }, 'Choose…')] : [];
    const options = schema.enum.map((choice) =>
      element('option', { value: choice, selected: String(choice) === given }, String(choice)),
    );
    return element('select', shared, empty, options);
  }
  const input = element('input', {
    ...shared,
    type: 'text',
    inputmode: schema.type === 'string' ? undefined : 'decimal',
    maxlength: schema.maxLength,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  input.value = given;
  return input;
}

// ---- the short code of another device

function showDevice() {
  const input = element('input', {
    id: 'user-code',
    type: 'text',
    maxlength: '16',
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
    'aria-describedby': 'user-code-hint user-code-fault',
    'aria-required': 'true',
  });
  const fault = element('p', { class: 'fault', id: 'user-code-fault', role: 'alert' });
  const button = element('button', { type: 'submit' }, 'Continue');
  const form = element(
    'form',
    { novalidate: true, onsubmit: (event) => submit(event) },
    element(
      'div',
      { class: 'field code' },
      element('label', { for: 'user-code' }, 'Code'),
      element('p', { class: 'hint', id: 'user-code-hint' }, 'Eight letters, like BCDF-GHJK.'),
      input,
      fault,
    ),
    element('div', { class: 'actions' }, button),
  );
  show(
    'Connect a device',
    element('p', {}, 'Type the code that your other device or program shows.'),
    form,
    element('p', { class: 'quiet' }, 'Never type a code that somebody sent you.'),
  );

  async function submit(event) {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    fault.textContent = '';
    input.removeAttribute('aria-invalid');
    try {
      const { token } = await call('device', { user_code: input.value });
      main.dataset.page = 'link';
      history.replaceState({ token }, '', new URL('../hub', hub));
      await openLink(token);
    } catch (error) {
      fault.textContent = error instanceof Refusal ? error.message : 'Something went wrong. Please try again.';
      input.setAttribute('aria-invalid', 'true');
      input.focus();
    } finally {
      button.removeAttribute('aria-disabled');
    }
  }
}

// ---- the outcome

async function openOutcome(reference) {
  try {
    finish(await call('outcome', { reference }));
  } catch (error) {
    showRefusal(error, () => openOutcome(reference));
  }
}

/** Tells the page that opened this one, or goes on to the page that waits, or says how it ended. */
function finish(outcome) {
  if (outcome.popup_origin !== null && window.opener) {
    const { state, session_id, account_id } = outcome;
    window.opener.postMessage({ type: 'corbel.connect', status: state, session_id, account_id }, outcome.popup_origin);
    window.close();
  } else if (outcome.return_to !== null) {
    location.replace(outcome.return_to);
  }
  // Where the window does not close, or the next page takes its time.
  showOutcome(outcome);
}

function showOutcome({ state, connector, workspace, error, flow, return_to }) {
  const close = return_to
    ? element('p', {}, element('a', { class: 'button', href: return_to }, `Back to ${workspace}`))
    : element(
        'p',
        {},
        flow === 'device'
          ? 'You can go back to your other device, and close this window.'
          : 'You can close this window.',
      );
  if (state === 'authenticated')
    return show(
      `${connector} is connected`,
      mark('good'),
      element('p', {}, `${workspace} can now work with ${connector} for you.`),
      close,
    );
  if (state === 'cancelled')
    return show(
      'Nothing was connected',
      mark('bad'),
      element(
        'p',
        {},
        `You did not allow ${workspace} to work with ${connector}. If that was a mistake, ask for a new link.`,
      ),
      close,
    );
  if (state === 'error')
    return show(
      `${connector} could not be connected`,
      mark('bad'),
      element('p', {}, messageOf(error, connector)),
      element('p', {}, `Ask ${workspace} for a new link.`),
      close,
      error && element('p', { class: 'quiet' }, 'Reason: ', element('code', {}, error.code)),
    );
  if (state === 'expired')
    return show('This link has expired', mark('bad'), element('p', {}, `Ask ${workspace} for a new link.`), close);
  return show('Not finished yet', element('p', {}, 'Open the link again to go on.'));
}

function messageOf(error, connector) {
  if (error?.code === 'identity_changed')
    return `You signed in as another ${connector} user than the one who connected this account before. Nothing was changed.`;
  return error?.detail ?? 'Something went wrong.';
}

// ---- refusals

const FINAL = {
  connect_session_invalid: ['This link is not valid', 'It may have been copied only in part. Ask for a new link.'],
  connect_session_expired: ['This link has expired', 'Ask for a new link.'],
  connect_session_finished: [
    'This link was used already',
    'A link works once. If you need to connect again, ask for a new link.',
  ],
  connect_session_elsewhere: ['This link is open in another browser', 'Go on there, or ask for a new link.'],
  profile_disabled: ['This connection is switched off', 'Ask whoever sent you the link.'],
};

function isFinal(code) {
  return code in FINAL;
}

function showRefusal(error, again) {
  const problem = error instanceof Refusal ? error.problem : {};
  const [title, remedy] = FINAL[problem.code] ?? [problem.title ?? 'Something went wrong', ''];
  const detail = remedy === '' ? (error instanceof Refusal ? error.message : 'Please try again.') : remedy;
  show(
    title,
    mark('bad'),
    element('p', {}, detail),
    again &&
      !isFinal(problem.code) &&
      element('div', { class: 'actions' }, element('button', { type: 'button', onclick: () => again() }, 'Try again')),
    problem.request_id && element('p', { class: 'quiet' }, 'Reference: ', element('code', {}, problem.request_id)),
  );
}

// ---- which page this is

/**
 * The fragment, taken out of the address bar at once, so that it is in no history, screenshot or copied address. It is kept
 * with the history entry: reloading and coming back from the provider work.
 */
function takeFragment(member) {
  const text = location.hash.slice(1);
  if (text === '') return history.state?.[member] ?? '';
  history.replaceState({ [member]: text }, '', location.pathname);
  return text;
}

function begin() {
  switch (main.dataset.page) {
    case 'link': {
      const token = takeFragment('token');
      return token === '' ? showRefusal(new Refusal({ code: 'connect_session_invalid' })) : openLink(token);
    }
    case 'done': {
      const reference = takeFragment('reference');
      return reference === '' ? showRefusal(new Refusal({ code: 'connect_session_invalid' })) : openOutcome(reference);
    }
    case 'device':
      return showDevice();
    default:
      // The server said it all; only the answer of the provider must not stay in the address bar.
      return history.replaceState(null, '', location.pathname);
  }
}

// A second link pasted into the same tab changes only the fragment.
addEventListener('hashchange', () => begin());
// A page that comes back from the browser's memory shows buttons that are still busy.
addEventListener('pageshow', (event) => event.persisted && begin());
begin();

import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/expression/compile.ts';

describe('the names that an expression reads of its context', () => {
  it.each([
    ['inputs.hub_id', 'inputs.hub_id'],
    ['status', 'status'],
    ['body.links.next', 'body.links.next'],
    ['headers."x-next"', 'headers.`x-next`'],
    ['"inputs".a', 'inputs.a'],
    ['inputs.`a.b`.c', 'inputs.`a.b`.c'],
    ['$.inputs.x', 'inputs.x'],
    ['$$.inputs.x', 'inputs.x'],
    ['"text" & 1', ''],
    ['inputs.a & inputs.b & status', 'inputs.a inputs.b status'],
    ['inputs.a ? body.b : account.region', 'account.region body.b inputs.a'],
    ['inputs.a ?? body.b', 'body.b inputs.a'],
    ['inputs.a ?: 1', 'inputs.a'],
    ['-inputs.a + 1 in [body.b]', 'body.b inputs.a'],
    ['{ "a": inputs.a, inputs.k: 1 }', 'inputs.a inputs.k'],
    ['[inputs.a, body.b[0].c]', 'body.b inputs.a'],
    // names that belong to something else
    ['body.data.{ "n": name }', 'body.data'],
    ['body.data.{ "n": name, "of": $$.inputs.id }', 'body.data inputs.id'],
    ['body.data.(a & b)', 'body.data'],
    ['inputs.list[x > 1]', 'inputs.list'],
    ['body.data[id = $$.inputs.id].name', 'body.data inputs.id'],
    ['body.data[0].name', 'body.data'],
    ['body.data^(name, >age)', 'body.data'],
    ['body.data{ id: name }', 'body.data'],
    ['body.*.id', 'body'],
    ['body.**.id', 'body'],
    ['body.data.$lookup($$.inputs.map, id)', 'body.data inputs.map'],
    ['$sum(body.data.(a * b))', 'body.data'],
    // functions see the context of where they stand
    ['$map(body.data, function($v){ $v.id & inputs.x })', 'body.data inputs.x'],
    ['body.data.$map(list, function($v){ $v.id & inputs.x })', 'body.data'],
    ['$filter(body.data, function($d){ $d.id in inputs.ids })[0].name', 'body.data inputs.ids'],
    ['inputs.a ~> $uppercase()', 'inputs.a'],
    ['inputs.a ~> $f ~> $uppercase', undefined],
    ['$lookup(inputs, "x")', 'inputs'],
    ['($x := inputs.a; $x.b & body.c)', 'body.c inputs.a'],
    ['($inputs := body.a; $inputs.b)', 'body.a'],
    // bindings make the surrounding reachable again
    ['body.a.%.b', 'body body.a'],
    ['body.loans@$l.books[$l.isbn = isbn]', 'body body.loans'],
    ['body.data#$i.{ "i": $i, "s": $$.status }', 'body.data status'],
    ['inputs@$i.body', '$ inputs'],
    // the whole
    ['$', '$'],
    ['$$', '$'],
    ['*', '$'],
    ['**.id', '$'],
    ['$keys()', '$'],
    ['$keys(body)', 'body'],
    ['$string()', '$'],
    ['$lookup("inputs")', '$'],
    ['$each(function($v){ $v })', '$'],
    ['$merge([$, {"a": 1}])', '$'],
    ['$.{ "a": inputs.q }', 'inputs.q'],
    ['$[status > 1].body', '$'],
    ['body.data.{ "all": $$ }', '$ body.data'],
    // an item as the context
    ['id', 'id'],
    ['{ "id": id, "name": attributes.name }', 'attributes.name id'],
  ])('%s', (text, expected) => {
    if (expected === undefined) return expect(() => compileExpression(text)).toThrow();
    expect([...compileExpression(text).reads].sort().join(' ')).toBe(expected);
  });
});

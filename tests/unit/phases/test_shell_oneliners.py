"""Short programs of other languages pass only when nothing in them could write or start something."""

from __future__ import annotations

import pytest

from agentops_kit.phases.shell.oneliners import perl_reads, script_reads


@pytest.mark.parametrize(
    "program",
    [
        "print if /TODO|FIXME/",
        "print join(',', sort keys %seen), qq(\\n)".replace("qq(\\n)", '"\\n"'),
        "$n++ if /x/; END { print $n }",
        "s/\\s+$//; print",
        "print $F[1] if $F[0] eq 'open unlink system'",
        "printf '%s\\n', lc $_ unless /^#/",
    ],
)
def test_perl_that_prints_reads(program: str) -> None:
    assert perl_reads(program, [], ["a.py"])


@pytest.mark.parametrize(
    "program",
    [
        "unlink 'a.py'",
        "system 'rm a.py'",
        "`rm a.py`",
        "qx(rm a.py)",
        "open F, '>a.py'",
        "print {$x} 1; eval $y",
        "s/x/unlink q(a)/e",
        "s/(.*)/$1/ee",
        "s{x}{system q(a)}e",
        'print "@{[system q(a)]}"',
        'print "$h{unlink q(a)}"',
        "/(?{ system q(a) })/",
        "$^I = '.bak'",
        "@ARGV = '>a.py'; <>",
        "&$x()",
        "$x->()",
        "print <*.c>",
        "use POSIX; POSIX::mkfifo('a')",
        "$x / unlink('a') / 2",
        "do 'a.pl'",
        "CORE::unlink('a')",
        "*x = *y; kill 9, 1",
        "symlink 'a', 'b' if /x/",
        "print map { rename $_, 'b' } 'a'",
        "tr/a/b/; chmod 0, 'a'",
        "print 's/'; unlink 'a'; print '/x/'",
        "s{'}{x}; unlink 'a'; s{'}{y}",
        "return /'/; unlink 'a'; /'/",
        "$x = $'; unlink $'",
        "# it's\nunlink 'a'",
        "<'>; unlink <'>",
        "print q(') ; unlink q(')",
    ],
)
def test_perl_that_could_act_is_refused(program: str) -> None:
    assert not perl_reads(program, [], ["a.py"])


@pytest.mark.parametrize("operand", ["touch x|", ">a.py", "|sh", "+<a.py"])
def test_perl_operands_that_open_for_writing_or_run_are_refused(operand: str) -> None:
    assert not perl_reads("print", [], [operand])


@pytest.mark.parametrize("module", ["File::Copy", "Inline::C", "POSIX=mkfifo;unlink", "O=Deparse", "-strict;unlink(1)"])
def test_perl_modules_that_could_act_are_refused(module: str) -> None:
    assert not perl_reads("print 1", [module], [])


@pytest.mark.parametrize(
    "program",
    [
        "console.log(1 + 1)",
        "console.log(require('./package.json').version)",
        "const d = require('./data.json'); console.log(Object.keys(d).length)",
        "const fs = require('fs'); console.log(fs.readFileSync('a', 'utf8').split('\\n').length)",
        "for (const f of require('fs').readdirSync('src')) console.log(f)",
        "JSON.parse(require('fs').readFileSync('a.json', 'utf8')).rows.filter(r => r.n > 3).map(r => r.id)",
    ],
)
def test_a_script_that_prints_reads(program: str) -> None:
    assert script_reads(program)


@pytest.mark.parametrize(
    "program",
    [
        "require('fs').writeFileSync('a', '1')",
        "require('fs')['write' + 'FileSync']('a', '1')",
        "const {writeFileSync: w} = require('fs'); w('a', '1')",
        "require('child_process').execSync('rm a')",
        "const r = require; r('child_process')",
        "process.mainModule.require('child_process')",
        "[].constructor.constructor('x')()",
        "''['constr' + 'uctor']",
        "import('fs').then(f => f.writeFileSync('a', '1'))",
        "eval('1')",
        "new Function('x')()",
        "globalThis.process.kill(1)",
        "const k = 'x'; const f = require('fs'); f[k]('a')",
        "require('./tool.js')",
        "process.exit(1); require('fs').rmSync('a')",
        "const o = require('fs').promises; o.unlink('a')",
        "Object.values(require('fs')).map(f => f('a'))",
        "const {rmSync} = require('fs'); rmSync('a')",
        "const m = require('fs'); const {openSync: o} = m; o('a', 'w')",
        "fetch('http://x', {method: 'POST'})",
        "process.env.X = 1; process.dlopen({}, 'x')",
        "setTimeout('x', 1)",
        "const fs = require('fs'); fs / fs.rmSync('a') / 1",
        "const fs = require('fs'); fs.existsSync('(/'); fs.rmSync('x/y')",
        "const fs = require('fs'); // it's\nfs.rmSync('a') // '",
        "const fs = require('fs'); [1].map(x => /'/.test(x)); fs.rmSync('a'); '/'",
        "console.log(`${require('fs').rmSync('a')}`)",
        "for (const f of Object.values(require('fs'))) f('a', 'b')",
        "[...Object.values(require('fs'))].forEach(console.log, 1); Array.from([1], require('fs').rmSync)",
    ],
)
def test_a_script_that_could_act_is_refused(program: str) -> None:
    assert not script_reads(program)

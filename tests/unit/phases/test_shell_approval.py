"""A line that would take a person's decision is noticed in whatever spelling; text about it is not."""

from __future__ import annotations

import pytest

from agentops_kit.phases.shell.classify import classify, mentions_approval

TAKES = [
    "agentops approve",
    "agentops approve --run 2026-11-21-x",
    "agentops --yes approve",
    "agentops --cwd sub approve",
    "agentops reopen",
    "agentops quick 'small fix'",
    "cd sub && agentops approve",
    "python -m agentops_kit approve",
    "python3 -m agentops_kit.cli.main approve",
    ".venv/bin/python -m agentops_kit approve",
    ".venv/bin/agentops approve",
    "/usr/local/bin/agentops approve",
    "env X=1 agentops approve",
    "X=1 agentops approve",
    "sudo -u other agentops approve",
    "nohup agentops approve &",
    "timeout 5 agentops approve",
    "uv run agentops approve",
    "uvx agentops-kit approve",
    "uvx --from agentops-kit agentops approve",
    'script -qc "agentops approve" /dev/null',
    "bash -c 'agentops approve'",
    "sh -c \"bash -c 'agentops approve'\"",
    "eval 'agentops approve'",
    "echo 'agentops approve' | sh",
    "bash <<'EOF'\nagentops approve\nEOF",
    "a=agentops; b=approve; $a $b",
    "a='agentops approve'; $a",
    "agent\"ops\" app'rove'",
    "\\agentops approve",
    "echo $(agentops approve)",
    'f() { agentops "$1"; }; f approve',
    "alias ok='agentops approve'; ok",
    "echo approve | xargs agentops",
    "find . -maxdepth 0 -exec agentops approve \\;",
    "for word in status approve; do agentops $word; done",
    "agentops $DECISION",
    'echo \'{"prompt": "/approve"}\' | .claude/hooks/agentops claude',
    '.claude/hooks/agentops claude <<< \'{"hook_event_name": "UserPromptSubmit"}\'',
    "agentops hook claude < event.json",
    'claude -p "/approve"',
    "echo /approve | claude -p",
    "gemini -p '/approve now'",
    "tmux send-keys -t 0 '/approve' Enter",
    "tmux send-keys 'agentops approve' Enter",
    "expect -c 'spawn agentops approve'",
    "python3 -c \"import subprocess; subprocess.run(['agentops', 'approve'])\"",
    'python3 -c "from agentops_kit.phases import approve; approve()"',
    "node -e \"require('child_process').execSync('agentops approve')\"",
    "ssh localhost agentops approve",
    "at now <<< 'agentops approve'",
    "echo 'agentops approve' > run.sh",
    "printf 'agentops approve' >> scripts/tool.sh; bash scripts/tool.sh",
    "agentops approve )",
]
TALKS = [
    "agentops status",
    "agentops research 'approve flow'",
    "agentops bundle list",
    "grep -rn 'agentops approve' docs",
    "rg 'agentops (approve|reopen)' -n",
    "cat docs/approve.md | grep agentops",
    "git log --grep 'agentops approve' --oneline",
    'git commit -m "docs: say when agentops approve is needed"',
    "git commit -m \"$(cat <<'EOF'\ndocs: agentops approve\nEOF\n)\"",
    "echo 'ask the person to run agentops approve'",
    "sed -n '/agentops approve/p' README.md",
    "cat > docs/guide.md <<'EOF'\nRun `agentops approve` yourself.\nEOF",
    "ls .claude/hooks/agentops",
    "cat .claude/hooks/agentops",
    "rm approve.txt",
    "claude --version",
]


@pytest.mark.parametrize("line", TAKES)
def test_a_line_that_takes_the_decision_is_noticed(line: str) -> None:
    assert mentions_approval(line)


@pytest.mark.parametrize("line", TALKS)
def test_a_line_that_only_talks_about_it_is_not(line: str) -> None:
    assert not mentions_approval(line)


@pytest.mark.parametrize("line", ["agentops approve", "bash -c 'env agentops approve'", "ls; agentops approve | cat"])
def test_the_verdict_names_the_sub_command(line: str) -> None:
    assert classify(line, cwd="/home/someone/project").agentops == ("approve",)

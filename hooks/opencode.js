// Asks AgentOps Kit before a tool runs; lets everything pass where the kit's script is not there.
import { spawnSync } from "node:child_process"
export const AgentOps = async ({ client, directory, worktree }) => {
  const ask = async (event) => {
    const given = { cwd: directory, input: JSON.stringify({ cwd: directory, ...event }), encoding: "utf8" }
    const done = spawnSync(`${worktree}/.agentops/hooks/agentops`, ["opencode"], given)
    if (done.status === null ? !["ENOENT", "EACCES"].includes(done.error?.code) : done.status === 2) throw new Error(`AgentOps: ${done.stderr || done.error}`)
    const answer = done.stdout ? JSON.parse(done.stdout) : {}
    if (answer.warn) await client.tui.showToast({ body: { message: answer.warn, variant: "warning" } }).catch(() => {})
    if (answer.deny) throw new Error(answer.deny)
  }
  await ask({ hook_event_name: "SessionStart" })
  return { "tool.execute.before": async (input, output) => ask({ hook_event_name: "PreToolUse", session_id: input.sessionID, tool_name: input.tool, tool_input: output.args }) }
}

#!/usr/bin/env bash
# Brings mainstay to a runner: the container image that `tooling.image` in mainstay.yaml names, by its digest.
# The steps that follow find a `mainstay` on their path that runs it, on the files of the runner.
set -euo pipefail

image='@image@'

docker pull --quiet "$image" >/dev/null
bin=${RUNNER_TEMP:-$HOME/.local}/mainstay/bin
mkdir -p "$bin"
cat >"$bin/mainstay" <<END
#!/usr/bin/env bash
temporary=\${RUNNER_TEMP:-/tmp}
exec docker run --rm --network none --user "\$(id -u):\$(id -g)" --volume "\$PWD:\$PWD" --workdir "\$PWD" \\
  --volume "\$temporary:\$temporary" --entrypoint mainstay '$image' "\$@"
END
chmod +x "$bin/mainstay"
"$bin/mainstay" --version
echo "$bin" >>"${GITHUB_PATH:-/dev/null}"

# bash completion for usenetsync; installed as share/bash-completion/completions/usenetsync.
# shellcheck shell=bash

# The command words before the cursor, without options: "server add".
_usenetsync_command() {
    local i word found=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
        --state) ((i++)) ;;
        -*) ;;
        *) found+=("$word") ;;
        esac
        case ${found[0]:-}/${#found[@]} in
        server/1 | par2/1 | daemon/1 | help/1 | /0) ;;
        *) break ;;
        esac
    done
    echo "${found[*]}"
}

_usenetsync() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local options="--state --json --help" words="" files=0
    local server=" --host --port --tls --tls-ca --user --password-file --allow-plain-password --connections --group --role --order --quota --spent"
    local commands="share shares link versions get ls check export adopt recover status jobs logs pause resume cancel retry priority limit forget server ui newsd par2 daemon version help"
    COMPREPLY=()
    case $before in
    --state | --spool)
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        return
        ;;
    --conflict)
        mapfile -t COMPREPLY < <(compgen -W "empty keep replace newer rename" -- "$current")
        return
        ;;
    --redundancy)
        mapfile -t COMPREPLY < <(compgen -W "lean normal long-term" -- "$current")
        return
        ;;
    --ignore | --password-file | --tls-ca | --tls-cert | --tls-key)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    esac
    case $(_usenetsync_command) in
    "") words=$commands ;;
    server) words="add list test change pause resume remove" ;;
    help) words="$commands add list test remove" ;;
    daemon) words=stop options+=" --foreground" ;;
    share) options+=" --title --no-wait --ignore --ignore-rule --one-file-system --all-file-systems --redundancy" files=1 ;;
    get) options+=" --only --version --conflict --dry-run --verify --no-wait" files=1 ;;
    ls) options+=" --recursive --version" ;;
    adopt) options+=" --no-wait" files=1 ;;
    check) options+=" --deep --heal --version --no-wait" words=$(_usenetsync_ask check) ;;
    export) options+=" --version --no-wait" files=1 ;;
    limit) options+=" --up --down --connections --workers --memory" ;;
    forget) options+=" --yes" words=$(_usenetsync_ask link) ;;
    ui) options+=" --no-open --set-password --password-file --logout-all --metrics-token" ;;
    jobs) options+=" --all" ;;
    "server add") options+="$server" ;;
    "server change") options+="$server" words=$(_usenetsync_ask "server change") ;;
    par2) words="create verify repair" options+=" -s -b -r -c -f -n -m -t -R -B -q -u -l -a -p" ;;
    "par2 "*) options+=" -s -b -r -c -f -n -m -t -R -B -q -u -l -a -p" files=1 ;;
    newsd) options+=" --listen --spool --user --password-file --tls-cert --tls-key --max-article --max-clients --group --sync" ;;
    link) options+=" --write-key" words=$(_usenetsync_ask link) ;;
    pause) options+=" --all --for" words=$(_usenetsync_ask pause) ;;
    resume | cancel | retry) options+=" --all" words=$(_usenetsync_ask cancel) ;;
    versions | logs | priority | "server test" | "server pause" | "server resume" | "server remove")
        words=$(_usenetsync_ask "$(_usenetsync_command)")
        ;;
    esac
    if [[ $current == -* ]]; then
        words=$options
    elif [ $files = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

# Numbers of jobs and shares, names of servers; nothing when the program is not there.
_usenetsync_ask() {
    local i state=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        [ "${COMP_WORDS[i]}" != --state ] || state=(--state "${COMP_WORDS[i + 1]}")
    done
    case $1 in
    link | versions | check) "${COMP_WORDS[0]}" "${state[@]}" shares 2>/dev/null | awk '{ print $1 }' ;;
    server*) "${COMP_WORDS[0]}" "${state[@]}" server list 2>/dev/null | awk '{ print $1 }' ;;
    *) "${COMP_WORDS[0]}" "${state[@]}" jobs 2>/dev/null | awk '{ print $1 }' ;;
    esac
}

complete -o filenames -F _usenetsync usenetsync

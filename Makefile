# make demo: the portal with its sample on http://127.0.0.1:8000    make test: every check
.PHONY: demo test lint format bench backup restore reset shell requirements
export ONCE PORT FILE FORCE

demo test lint format bench backup reset shell requirements:
	@bin/run $@

# make restore FILE=var/backups/….tar, or make restore var/backups/….tar
restore: FILE := $(or $(FILE),$(word 2,$(MAKECMDGOALS)))
restore:
	@bin/run restore
ifeq (restore,$(firstword $(MAKECMDGOALS)))
.PHONY: $(wordlist 2,2,$(MAKECMDGOALS))
$(wordlist 2,2,$(MAKECMDGOALS)):
	@:
endif

# What our commands inherit from the shell that make runs in, which is set up for other projects, too.
# Nothing that decides what is installed and where to, or how Python, git, pytest and sam work. Where
# packages come from and how they are reached is the person's to say: that stays. So do the settings of
# AWS, which a company's index of packages may need: embedded_localstack, the tests and $(WITHOUT_AWS)
# leave them. Both makefiles include this; sam runs the other one, in a copy of this folder.

OURS := UV_% PIP_% PYTHON% VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV __PYVENV_LAUNCHER__ \
	PYTEST_% MYPY% RUFF_% HYPOTHESIS_% SAM_% POWERTOOLS_% LOG_LEVEL FORCE_COLOR CLICOLOR_FORCE \
	GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY \
	NODE_ENV MAKEFILES BASH_ENV BASH_FUNC_% SHELLOPTS BASHOPTS CDPATH

# https://docs.astral.sh/uv/reference/environment/, https://pip.pypa.io/en/stable/cli/pip_install/
THEIRS := UV_INDEX UV_INDEX_% UV_DEFAULT_INDEX UV_FIND_LINKS UV_%_URL UV_%_MIRROR UV_CONFIG_FILE \
	UV_KEYRING_PROVIDER UV_CREDENTIALS_DIR UV_INSECURE_HOST UV_NATIVE_TLS UV_SYSTEM_CERTS \
	UV_OFFLINE UV_HTTP_% UV_REQUEST_TIMEOUT UV_CONCURRENT_% UV_CACHE_DIR UV_LINK_MODE \
	UV_PYTHON_INSTALL_DIR UV_PYTHON_CACHE_DIR UV_PYTHON_DOWNLOADS UV_PYTHON_PREFERENCE \
	UV_MANAGED_PYTHON UV_NO_MANAGED_PYTHON PYTHON_KEYRING_BACKEND \
	PIP_CONFIG_FILE PIP_%INDEX_URL PIP_FIND_LINKS PIP_NO_INDEX PIP_TRUSTED_HOST PIP_PROXY \
	PIP_%CERT PIP_%TIMEOUT PIP_RETRIES PIP_CACHE_DIR PIP_KEYRING_PROVIDER PIP_USE_%

unexport $(filter-out $(THEIRS),$(filter $(OURS),$(.VARIABLES)))
# Files and output are UTF-8, whatever the terminal says.
export PYTHONUTF8 := 1
# What pip's configuration file may say of where to, which has to be what we say.
export PIP_USER := 0
export PIP_REQUIRE_VIRTUALENV := 0

WITHOUT_AWS := env $(addprefix -u ,$(filter AWS_%,$(.VARIABLES))) \
	AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

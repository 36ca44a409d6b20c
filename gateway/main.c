/* SPDX-License-Identifier: Apache-2.0 */
/* dvara-gateway: reads its arguments, starts, waits for signals, stops. */
#include "dvara/tests.h"
#include "gateway/bundle_source.h"
#include "gateway/default_config.h"
#include "gateway/options.h"
#include "gateway/process.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EXIT_RUN = 1, EXIT_USAGE = 2, HELP_BYTES = 1024 * 1024, FAILURE_BYTES = 16 << 20 };

struct arguments {
    const char *config_cstr, *store_cstr;
    bool should_check;
};

static const char usage[] =
    "Usage: dvara-gateway [--check] [FILE]\n"
    "       dvara-gateway --help | --version | --options\n"
    "\n"
    "Serves LLM APIs under a policy.\n"
    "\n"
    "  --config FILE  the configuration; without it dvara.yaml, if it is there, else defaults:\n"
    "                 the simulator, every provider whose usual variable is set (OPENAI_API_KEY "
    "…),\n"
    "                 a built-in policy, a key and an admin token made and shown at the first "
    "start\n"
    "  --check        checks configuration and bundle, runs the bundle's tests, and exits\n"
    "  --store DIR    without FILE: where state is kept (default ./dvara-state)\n"
    "  --options      prints the table of all keys as Markdown\n"
    "  --help         this text and all keys of the configuration\n"
    "  --version      prints the version\n"
    "\n"
    "SIGHUP loads configuration and bundle again; SIGTERM ends after requests under way.\n"
    "Exit: 0 ended as asked, 1 could not start or stop cleanly, 2 usage or configuration.\n";

static int print_help(void)
{
    struct buf out;
    buf_init(&out, HELP_BYTES);
    option_write_help(&out);
    printf("%s\nKeys of the configuration:\n\n%.*s", usage, DVARA_STR_ARG(buf_str(&out)));
    buf_clear(&out);
    return EXIT_SUCCESS;
}

static int print_options(void)
{
    struct buf out;
    buf_init(&out, HELP_BYTES);
    option_write_markdown(&out);
    printf("%.*s", DVARA_STR_ARG(buf_str(&out)));
    buf_clear(&out);
    return EXIT_SUCCESS;
}

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"store", required_argument, NULL, 's'},
    {"check", no_argument, NULL, 'k'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {"options", no_argument, NULL, 'o'},
    {NULL, 0, NULL, 0},
};

/* -1: go on. */
static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
    for (int c; (c = getopt_long(argc, argv, "c:hv", long_options, NULL)) != -1;) {
        switch (c) {
        case 'c':
            arguments->config_cstr = optarg;
            break;
        case 's':
            arguments->store_cstr = optarg;
            break;
        case 'k':
            arguments->should_check = true;
            break;
        case 'h':
            return print_help();
        case 'o':
            return print_options();
        case 'v':
            printf("dvara-gateway %s\n", DVARA_VERSION);
            return EXIT_SUCCESS;
        default:
            fprintf(stderr, "dvara-gateway --help tells what can be said.\n");
            return EXIT_USAGE;
        }
    }
    if (optind < argc && arguments->config_cstr == NULL)
        arguments->config_cstr = argv[optind++];
    if (optind == argc)
        return -1;
    fprintf(stderr, "dvara-gateway: `%s` is one argument too many.\n", argv[optind]);
    return EXIT_USAGE;
}

static bool is_file(const char *path_cstr)
{
    struct stat stat_of;
    return stat(path_cstr, &stat_of) == 0;
}

static enum dvara_status load_config(const struct arguments *arguments,
                                     struct default_secrets *secrets, struct config **ret_config)
{
    const char *file_cstr = arguments->config_cstr;
    struct config_problems problems;
    enum dvara_status status;
    config_problems_init(&problems);
    if (file_cstr == NULL && arguments->store_cstr == NULL && is_file("dvara.yaml"))
        file_cstr = "./dvara.yaml";
    if (file_cstr != NULL)
        status = config_load(file_cstr, &problems, ret_config);
    else
        status = default_config_load(arguments->store_cstr ? arguments->store_cstr : "dvara-state",
                                     &problems, secrets, ret_config);
    fprintf(stderr, "%.*s", DVARA_STR_ARG(buf_str(&problems.text)));
    config_problems_clear(&problems);
    return status;
}

/* The tests that the bundle carries; failures are told. */
static enum dvara_status check_tests(const struct dvara_bundle *bundle,
                                     struct dvara_tests_result *ret_result)
{
    struct buf failures;
    buf_init(&failures, FAILURE_BYTES);
    enum dvara_status status = dvara_bundle_test(bundle, &failures, ret_result);
    fprintf(stderr, "%.*s", DVARA_STR_ARG(buf_str(&failures)));
    if (status != DVARA_OK)
        fprintf(stderr, "the bundle's tests could not be run: %s\n", dvara_status_sentence(status));
    else if (ret_result->failed)
        fprintf(stderr, "%zu of the bundle's %zu tests failed\n", ret_result->failed,
                ret_result->failed + ret_result->passed);
    buf_clear(&failures);
    return status == DVARA_OK && ret_result->failed ? DVARA_INVALID : status;
}

static int check(struct config *config)
{
    struct dvara_tests_result tests;
    struct bundle_problem problem;
    struct dvara_bundle *bundle = NULL;
    struct buf bytes;
    config->bundle.mode = DVARA_MODE_ENFORCE; /* its tests say what its rules do when enforced */
    enum dvara_status status = bundle_source_load(config, &problem, &bundle, &bytes);
    if (status != DVARA_OK) {
        fprintf(stderr, "%s\n", problem.text);
        return EXIT_USAGE;
    }
    struct dvara_bundle_info info = dvara_bundle_info(bundle);
    status = check_tests(bundle, &tests);
    if (status == DVARA_OK)
        printf("right: %zu providers, %zu tenants, %zu keys; bundle %.*s with %zu rules; %zu tests "
               "passed\n",
               config->n_providers, config->n_tenants, config->n_keys, DVARA_STR_ARG(info.name),
               info.n_rules, tests.passed);
    if (!config->audit.enabled)
        printf("warning: audit is off (audit.enabled: false): nothing will be recorded\n");
    buf_clear(&bytes);
    dvara_bundle_free(bundle);
    return status == DVARA_OK ? EXIT_SUCCESS : EXIT_USAGE;
}

static void show_secrets(const struct default_secrets *secrets)
{
    if (!secrets->are_new)
        return;
    printf("A first start without a configuration. These are shown once and kept only as hashes:\n"
           "  API key      %s\n  admin token  %s\n",
           secrets->key, secrets->token);
    fflush(stdout);
}

/* Serves until SIGTERM or SIGINT. */
static int serve(struct config *config, const sigset_t *signals)
{
    struct process *process;
    if (process_start(config, DVARA_VERSION, &process) != DVARA_OK)
        return EXIT_RUN;
    for (int number = 0; number != SIGTERM && number != SIGINT;) {
        if (sigwait(signals, &number) == 0 && number == SIGHUP)
            process_reload(process);
    }
    return process_stop(process) == DVARA_OK ? EXIT_SUCCESS : EXIT_RUN;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct default_secrets secrets = {.are_new = false};
    struct config *config = NULL;
    sigset_t signals;
    char name_cstr[] = "dvara-gateway"; /* for what getopt says */
    if (argc > 0)
        argv[0] = name_cstr;
    int code = read_arguments(argc, argv, &arguments);
    if (code >= 0)
        return code;
    process_harden();
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* every thread inherits it: main alone waits */
    if (load_config(&arguments, &secrets, &config) != DVARA_OK)
        return EXIT_USAGE;
    if (arguments.should_check) {
        code = check(config);
        config_unref(config);
        return code;
    }
    show_secrets(&secrets);
    return serve(config, &signals);
}

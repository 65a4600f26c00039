// Records what the real Argo CD answers to the cases of this folder.
//
// Each case is a text file: words, then parts that begin with `=== PATH`. `@object.yaml` is an
// ApplicationSet or an Application, `@clusters.yaml` and `@projects.yaml` hold what the cluster has,
// `@pulls.yaml` the pull requests of the forge; `@tree NAME` is a folder of trees/, and any other part is a
// file of the repository. `@answer.json` is written by this program.
//
// The controller of ApplicationSets and the repo-server are called as they are; the repository is a real git
// repository, reached by file://, and the forge a small server on loopback.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	kubefake "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	appsetmetrics "github.com/argoproj/argo-cd/v3/applicationset/metrics"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/controller"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	repocache "github.com/argoproj/argo-cd/v3/reposerver/cache"
	"github.com/argoproj/argo-cd/v3/reposerver/metrics"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/argo"
	cacheutil "github.com/argoproj/argo-cd/v3/util/cache"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/argoproj/gitops-engine/pkg/sync/ignore"
)

const (
	namespace   = "argocd"
	repository_ = "https://git.example.com/shop.git"
	forge       = "https://forge.example.com"
	kubernetes  = "1.37"
)

type part struct{ path, text string }

type answer struct {
	Applications []any  `json:"applications,omitempty"`
	Objects      []any  `json:"objects,omitempty"`
	Repeated     int    `json:"repeated,omitempty"`
	Error        string `json:"error,omitempty"`
}

func main() {
	logrus.SetLevel(logrus.PanicLevel)
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: record TREES CASE...")
		os.Exit(2)
	}
	failed := false
	for _, path := range os.Args[2:] {
		if err := one(os.Args[1], path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func read(path string) (string, []part, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	head, parts := "", []part{}
	for _, line := range strings.SplitAfter(string(bytes), "\n") {
		if strings.HasPrefix(line, "=== ") {
			parts = append(parts, part{path: strings.TrimSpace(line[4:])})
		} else if len(parts) == 0 {
			head += line
		} else {
			parts[len(parts)-1].text += line
		}
	}
	return head, parts, nil
}

func one(trees, path string) error {
	head, parts, err := read(path)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "record-")
	if err != nil {
		return err
	}
	defer func() {
		_ = exec.Command("chmod", "-R", "u+rwX", work).Run()
		_ = os.RemoveAll(work)
	}()
	repo := filepath.Join(work, "shop.git")
	special := map[string]string{}
	for _, p := range parts {
		if name, ok := strings.CutPrefix(p.path, "@tree "); ok {
			if out, err := exec.Command("cp", "-r", filepath.Join(trees, name)+"/.", repo).CombinedOutput(); err != nil {
				_ = os.MkdirAll(repo, 0o755)
				if out, err = exec.Command("cp", "-r", filepath.Join(trees, name)+"/.", repo).CombinedOutput(); err != nil {
					return fmt.Errorf("%s: %w", out, err)
				}
			}
		} else if strings.HasPrefix(p.path, "@") {
			special[p.path] = p.text
		}
	}
	address := "file://" + repo
	server := httptest.NewServer(pulls(special["@pulls.yaml"]))
	defer server.Close()
	there := strings.NewReplacer(repository_, address, forge, server.URL)
	back := strings.NewReplacer(address, repository_, server.URL, forge)
	for _, p := range parts {
		if strings.HasPrefix(p.path, "@") {
			continue
		}
		file := filepath.Join(repo, p.path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(there.Replace(p.text)), 0o644); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(repo, 0o755); err != nil {
		return err
	}
	for _, arguments := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A", "-f"},
		{"-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "--allow-empty", "-m", "x"}} {
		command := exec.Command("git", arguments...)
		command.Dir = repo
		command.Env = append(os.Environ(), "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("git %v: %s", arguments, out)
		}
	}
	service := repository.NewService(metrics.NewMetricsServer(),
		repocache.NewCache(cacheutil.NewCache(cacheutil.NewInMemoryCache(time.Hour)), time.Minute, time.Minute, time.Second),
		repository.RepoServerInitConstants{MaxCombinedDirectoryManifestsSize: resource.MustParse("10M")},
		&git.NoopCredsStore{}, filepath.Join(work, "root"))
	if err := service.Init(); err != nil {
		return err
	}
	object := there.Replace(special["@object.yaml"])
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal([]byte(object), &kind); err != nil {
		return err
	}
	var given answer
	if kind.Kind == "ApplicationSet" {
		given = set(service, object, special)
	} else {
		given = application(service, object)
	}
	text := new(bytes.Buffer)
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(given); err != nil {
		return err
	}
	clean := back.Replace(text.String())
	clean = strings.ReplaceAll(clean, work, "WORK")
	out := head
	for _, p := range parts {
		if p.path != "@answer.json" {
			out += "=== " + p.path + "\n" + p.text
		}
	}
	return os.WriteFile(path, []byte(out+"=== @answer.json\n"+clean), 0o644)
}

// pulls answers as GitHub does.
func pulls(text string) http.Handler {
	var sample []struct {
		Number                int
		Title, Branch, Author string
		Labels                []string
		TargetBranch          string `json:"target_branch"`
		HeadSHA               string `json:"head_sha"`
	}
	_ = yaml.Unmarshal([]byte(text), &sample)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		list := []any{}
		for _, it := range sample {
			labels := []any{}
			for _, label := range it.Labels {
				labels = append(labels, map[string]any{"name": label})
			}
			list = append(list, map[string]any{"number": it.Number, "title": it.Title,
				"head": map[string]any{"ref": it.Branch, "sha": it.HeadSHA}, "base": map[string]any{"ref": it.TargetBranch},
				"labels": labels, "user": map[string]any{"login": it.Author}})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(list)
	})
}

// repos asks the repo-server's code for files and folders.
type repos struct{ service *repository.Service }

func (r repos) GetFiles(ctx context.Context, url, revision, _, pattern string, _, _ bool) (map[string][]byte, error) {
	found, err := r.service.GetGitFiles(ctx, &apiclient.GitFilesRequest{Repo: &v1alpha1.Repository{Repo: url}, Revision: revision, Path: pattern})
	if err != nil {
		return nil, err
	}
	return found.GetMap(), nil
}

func (r repos) GetDirectories(ctx context.Context, url, revision, _ string, _, _ bool) ([]string, error) {
	found, err := r.service.GetGitDirectories(ctx, &apiclient.GitDirectoriesRequest{Repo: &v1alpha1.Repository{Repo: url}, Revision: revision})
	if err != nil {
		return nil, err
	}
	return found.GetPaths(), nil
}

// decode reads an object as kubectl and the API server do: as JSON, whose values have the types they have.
func decode(text string, into any) error {
	converted, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return err
	}
	return json.Unmarshal(converted, into)
}

func documents(text string) []string {
	found := []string{}
	for _, document := range strings.Split("\n"+text, "\n---\n") {
		if strings.TrimSpace(document) != "" {
			found = append(found, document)
		}
	}
	return found
}

func set(service *repository.Service, object string, special map[string]string) answer {
	ctx := context.Background()
	scheme := runtime.NewScheme()
	_ = v1alpha1.AddToScheme(scheme)
	_ = corev1.AddToScheme(scheme)
	var wanted v1alpha1.ApplicationSet
	if err := decode(object, &wanted); err != nil {
		return answer{Error: "refused: " + err.Error()}
	}
	wanted.Namespace = namespace
	project := func(name string) client.Object {
		return &v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
	}
	objects := []client.Object{&wanted, project("default")}
	for _, document := range documents(special["@projects.yaml"]) {
		var it v1alpha1.AppProject
		_ = yaml.Unmarshal([]byte(document), &it)
		objects = append(objects, project(it.Name))
	}
	plain := []runtime.Object{
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "argocd-cm", Namespace: namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Namespace: namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}},
			Data: map[string][]byte{"server.secretkey": []byte("x")}},
	}
	for _, document := range documents(special["@clusters.yaml"]) {
		var it corev1.Secret
		if err := yaml.Unmarshal([]byte(document), &it); err != nil {
			return answer{Error: "refused: " + err.Error()}
		}
		it.Namespace = namespace
		if it.Data == nil {
			it.Data = map[string][]byte{}
		}
		for key, value := range it.StringData {
			it.Data[key] = []byte(value)
		}
		it.StringData = nil
		plain = append(plain, it.DeepCopy())
		objects = append(objects, &it)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&v1alpha1.ApplicationSet{}).
		WithIndex(&v1alpha1.Application{}, ".metadata.controller", func(it client.Object) []string {
			if owner := metav1.GetControllerOf(it); owner != nil {
				return []string{owner.Name}
			}
			return nil
		}).Build()
	kube := kubefake.NewClientset(plain...)
	argodb := db.NewDB(namespace, settings.NewSettingsManager(ctx, kube, namespace), kube)
	reconciler := controllers.ApplicationSetReconciler{
		Client: c, Scheme: scheme, Renderer: &utils.Render{}, Recorder: record.NewFakeRecorder(100000), ArgoDB: argodb,
		KubeClientset: kube, ArgoCDNamespace: namespace, Metrics: appsetmetrics.NewFakeAppsetMetrics(),
		Generators: generators.GetGenerators(ctx, c, kube, namespace, repos{service}, nil,
			generators.NewSCMConfig("", nil, true, false, nil, false)),
	}
	_, failure := reconciler.Reconcile(ctx, ctrl.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: wanted.Name}})
	given := answer{}
	if failure != nil {
		given.Error = failure.Error()
		if strings.HasPrefix(given.Error, "&{") {
			// After a panic the controller prints itself, addresses of memory and all.
			given.Error = "panic"
		}
	}
	var after v1alpha1.ApplicationSet
	if err := c.Get(ctx, types.NamespacedName{Namespace: namespace, Name: wanted.Name}, &after); err == nil {
		for _, condition := range after.Status.Conditions {
			if condition.Type == v1alpha1.ApplicationSetConditionErrorOccurred && condition.Status == v1alpha1.ApplicationSetConditionStatusTrue {
				given.Error = condition.Message
			}
		}
	}
	var made v1alpha1.ApplicationList
	_ = c.List(ctx, &made)
	sort.Slice(made.Items, func(a, b int) bool { return made.Items[a].Name < made.Items[b].Name })
	for _, it := range made.Items {
		// The API server, which is not here, refuses such names.
		if refused := validation.IsDNS1123Subdomain(it.Name); len(refused) > 0 {
			given.Error = "refused: " + refused[0]
			continue
		}
		metadata := map[string]any{"name": it.Name, "namespace": it.Namespace}
		if len(it.Labels) > 0 {
			metadata["labels"] = it.Labels
		}
		if len(it.Annotations) > 0 {
			metadata["annotations"] = it.Annotations
		}
		if len(it.Finalizers) > 0 {
			metadata["finalizers"] = it.Finalizers
		}
		given.Applications = append(given.Applications, map[string]any{"metadata": metadata, "spec": it.Spec})
	}
	return given
}

// scopes knows Kubernetes' own kinds outside of namespaces; anything else is not known to the cluster.
type scopes struct{}

func (scopes) IsNamespaced(kind schema.GroupKind) (bool, error) {
	switch kind.String() {
	case "Namespace", "Node", "PersistentVolume", "ClusterRole.rbac.authorization.k8s.io", "ClusterRoleBinding.rbac.authorization.k8s.io",
		"CustomResourceDefinition.apiextensions.k8s.io", "StorageClass.storage.k8s.io", "PriorityClass.scheduling.k8s.io",
		"IngressClass.networking.k8s.io":
		return false, nil
	}
	return true, nil
}

func application(service *repository.Service, object string) answer {
	ctx := context.Background()
	var app v1alpha1.Application
	if err := decode(object, &app); err != nil {
		return answer{Error: "refused: " + err.Error()}
	}
	app.Spec = *argo.NormalizeApplicationSpec(&app.Spec)
	sources := app.Spec.GetSources()
	repo := func(_ context.Context, url, _ string) (*v1alpha1.Repository, error) {
		return &v1alpha1.Repository{Repo: url}, nil
	}
	references, err := argo.GetRefSources(ctx, sources, app.Spec.Project, repo, nil)
	if err != nil {
		return answer{Error: err.Error()}
	}
	targets := []*unstructured.Unstructured{}
	for i, source := range sources {
		made, err := service.GenerateManifest(ctx, &apiclient.ManifestRequest{
			Repo: &v1alpha1.Repository{Repo: source.RepoURL}, Revision: source.TargetRevision, AppLabelKey: "app.kubernetes.io/instance",
			AppName: app.Name, Namespace: app.Spec.Destination.Namespace, ApplicationSource: &source, KubeVersion: kubernetes,
			ApiVersions: []string{"v1", "apps/v1", "apps/v1/Deployment"}, TrackingMethod: "annotation", RefSources: references,
			HasMultipleSources: app.Spec.HasMultipleSources(), ProjectName: app.Spec.Project, ProjectSourceRepos: []string{"*"},
		})
		if err != nil {
			return answer{Error: fmt.Sprintf("source %d of %d: %v", i+1, len(sources), err)}
		}
		for _, text := range made.Manifests {
			target := &unstructured.Unstructured{}
			if err := json.Unmarshal([]byte(text), target); err != nil {
				return answer{Error: err.Error()}
			}
			targets = append(targets, target)
		}
	}
	tracking := argo.NewResourceTracking()
	for _, target := range targets {
		if namespaced, _ := (scopes{}).IsNamespaced(target.GroupVersionKind().GroupKind()); !namespaced && target.GetNamespace() != "" {
			target.SetNamespace("")
			_ = tracking.SetAppInstance(target, "app.kubernetes.io/instance", app.Name, app.Spec.Destination.Namespace, "annotation", "")
		}
	}
	targets, conditions, err := controller.DeduplicateTargetObjects(app.Spec.Destination.Namespace, targets, scopes{})
	if err != nil {
		return answer{Error: err.Error()}
	}
	given := answer{Repeated: len(conditions)}
	key := func(it *unstructured.Unstructured) string {
		return it.GroupVersionKind().Group + "|" + it.GetKind() + "|" + it.GetNamespace() + "|" + it.GetName() + it.GetGenerateName()
	}
	sort.Slice(targets, func(a, b int) bool { return key(targets[a]) < key(targets[b]) })
	for _, target := range targets {
		if !ignore.Ignore(target) {
			given.Objects = append(given.Objects, target.Object)
		}
	}
	return given
}

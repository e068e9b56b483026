// judge reads objects (a list in JSON) on standard input and prints for each, one line of JSON, why an API server would
// refuse it: strict decoding, defaults, create validation of Kubernetes' own strategies, and custom resources with their
// CEL rules. There is no server: it knows nothing of admission, of other objects, or of addresses and ports in use.
// An item of the list that has the keys before and after is an update: it also prints what an update that is accepted
// changes, by the equality that API servers and the controllers of Deployments use.
//
// judge [FOLDER]: FOLDER has the CustomResourceDefinitions.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	rschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/yaml"

	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
)

// strategy is what an API server does with objects of a kind before it stores them.
type strategy interface {
	rest.RESTCreateStrategy
	rest.RESTUpdateStrategy
}

var strategies = map[rschema.GroupKind]strategy{
	{Group: "apps", Kind: "Deployment"}:                       deployment.Strategy,
	{Group: "apps", Kind: "StatefulSet"}:                      statefulset.Strategy,
	{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}:   horizontalpodautoscaler.Strategy,
	{Kind: "ConfigMap"}:                                       configmap.Strategy,
	{Kind: "Namespace"}:                                       namespace.Strategy,
	{Kind: "PersistentVolumeClaim"}:                           persistentvolumeclaim.Strategy,
	{Kind: "ResourceQuota"}:                                   resourcequota.Strategy,
	{Kind: "Service"}:                                         service.Strategy,
	{Kind: "ServiceAccount"}:                                  serviceaccount.Strategy,
	{Group: "networking.k8s.io", Kind: "NetworkPolicy"}:       networkpolicy.Strategy,
	{Group: "policy", Kind: "PodDisruptionBudget"}:            poddisruptionbudget.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "Role"}:        role.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}: rolebinding.Strategy,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:       priorityclass.Strategy,
}

// custom is a kind that a CustomResourceDefinition describes.
type custom struct {
	strategy   strategy
	structural *schema.Structural
}

var customs = map[rschema.GroupVersionKind]custom{}

var strict = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict)

// verdict is the answer for one object: Known is whether there are rules for its kind, Faults are empty if it is valid.
// Of an update, Changed is what differs: nothing, only metadata, the spec or other data, or a pod template.
type verdict struct {
	Known   bool     `json:"known"`
	Faults  []string `json:"faults"`
	Changed string   `json:"changed,omitempty"`
}

// update is a change of an object that exists.
type update struct {
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

func main() {
	if len(os.Args) > 1 {
		load(os.Args[1])
	}
	var objects []json.RawMessage
	must(json.NewDecoder(os.Stdin).Decode(&objects))
	out := json.NewEncoder(os.Stdout)
	for _, object := range objects {
		must(out.Encode(judge(object)))
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func judge(data []byte) verdict {
	var change update
	must(json.Unmarshal(data, &change))
	if change.After != nil {
		data = change.After
	}
	var kind metav1.TypeMeta
	must(json.Unmarshal(data, &kind))
	gvk := kind.GroupVersionKind()
	strategy, known := strategies[gvk.GroupKind()]
	own, isCustom := customs[gvk]
	if isCustom {
		strategy = own.strategy
	}
	if !known && !isCustom {
		return verdict{Faults: []string{}}
	}
	object, err := decode(data, own, isCustom)
	changed := ""
	if err == nil && change.Before != nil {
		before, old := decode(change.Before, own, isCustom)
		must(old)
		changed = difference(before, object)
		err = replace(strategy, before, object, gvk)
	} else if err == nil {
		err = create(strategy, object, gvk)
	}
	return verdict{Known: true, Faults: faults(err), Changed: changed}
}

// difference returns what an update changes: "none", "metadata", "template" or "object".
func difference(before, after runtime.Object) string {
	if equality.Semantic.DeepEqual(before, after) {
		return "none"
	}
	old, now := template(before), template(after)
	if old != nil && !equality.Semantic.DeepEqual(old, now) {
		return "template"
	}
	alike := after.DeepCopyObject()
	from, err := meta.Accessor(before)
	must(err)
	to, err := meta.Accessor(alike)
	must(err)
	to.SetLabels(from.GetLabels())
	to.SetAnnotations(from.GetAnnotations())
	if equality.Semantic.DeepEqual(before, alike) {
		return "metadata"
	}
	return "object"
}

// template returns the pod template of a workload; a controller replaces pods when it changes.
func template(object runtime.Object) *core.PodTemplateSpec {
	switch workload := object.(type) {
	case *apps.Deployment:
		return &workload.Spec.Template
	case *apps.StatefulSet:
		return &workload.Spec.Template
	}
	return nil
}

func replace(strategy strategy, before, after runtime.Object, gvk rschema.GroupVersionKind) error {
	for _, object := range []runtime.Object{before, after} {
		metadata, err := meta.Accessor(object)
		if err != nil {
			return err
		}
		metadata.SetUID("u")
		metadata.SetResourceVersion("1")
		metadata.SetCreationTimestamp(metav1.NewTime(time.Unix(1, 0)))
	}
	ctx, err := prepare(strategy, after, gvk, "update")
	if err == nil {
		_, err = prepare(strategy, before, gvk, "update")
	}
	if err != nil {
		return err
	}
	return rest.BeforeUpdate(strategy, ctx, after, before)
}

func decode(data []byte, own custom, isCustom bool) (runtime.Object, error) {
	if !isCustom {
		object, _, err := strict.UniversalDecoder().Decode(data, nil, nil) // with defaults, as the internal type
		return object, err
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(data); err != nil {
		return nil, err
	}
	options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	if unknown := pruning.PruneWithOptions(object.Object, own.structural, true, options); len(unknown) > 0 {
		return nil, fmt.Errorf("unknown fields %q", unknown)
	}
	defaulting.Default(object.Object, own.structural)
	return object, nil
}

func create(strategy strategy, object runtime.Object, gvk rschema.GroupVersionKind) error {
	ctx, err := prepare(strategy, object, gvk, "create")
	if err != nil {
		return err
	}
	metadata, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	rest.FillObjectMetaSystemFields(metadata)
	return rest.BeforeCreate(strategy, ctx, object)
}

// prepare gives an object its namespace, and returns the context of its request.
func prepare(strategy strategy, object runtime.Object, gvk rschema.GroupVersionKind, verb string) (context.Context, error) {
	metadata, err := meta.Accessor(object)
	if err != nil {
		return nil, err
	}
	if strategy.NamespaceScoped() && metadata.GetNamespace() == "" {
		metadata.SetNamespace("default")
	}
	resource, _ := meta.UnsafeGuessKindToResource(gvk)
	ctx := request.WithNamespace(context.Background(), metadata.GetNamespace())
	ctx = request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true, Verb: verb, APIGroup: gvk.Group, APIVersion: gvk.Version,
		Resource: resource.Resource, Namespace: metadata.GetNamespace(), Name: metadata.GetName(),
	})
	return ctx, nil
}

// faults returns the field errors of a refusal, or its whole text.
func faults(err error) []string {
	out := []string{}
	var status *apierrors.StatusError
	if errors.As(err, &status) && status.ErrStatus.Details != nil {
		for _, cause := range status.ErrStatus.Details.Causes {
			out = append(out, strings.TrimSpace(cause.Field+": "+cause.Message))
		}
	}
	if err != nil && len(out) == 0 {
		out = append(out, err.Error())
	}
	return out
}

// load reads all CustomResourceDefinitions of a folder.
func load(folder string) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	must(err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		must(err)
		reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
		for {
			document, err := reader.Read()
			if err != nil {
				break
			}
			var definition apiextensionsv1.CustomResourceDefinition
			if yaml.Unmarshal(document, &definition) == nil && definition.Kind == "CustomResourceDefinition" {
				add(&definition)
			}
		}
	}
}

func add(definition *apiextensionsv1.CustomResourceDefinition) {
	for _, version := range definition.Spec.Versions {
		if !version.Served || version.Schema == nil {
			continue
		}
		internal := &apiextensions.CustomResourceValidation{}
		must(apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(
			version.Schema, internal, nil))
		structural, err := schema.NewStructural(internal.OpenAPIV3Schema)
		must(err)
		validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
		must(err)
		names, scoped := definition.Spec.Names, definition.Spec.Scope == apiextensionsv1.NamespaceScoped
		gvk := rschema.GroupVersionKind{Group: definition.Spec.Group, Version: version.Name, Kind: names.Kind}
		strategy := customresource.NewStrategy(
			legacyscheme.Scheme, scoped, gvk, validator, nil, structural, nil, nil, nil)
		customs[gvk] = custom{strategy, structural}
	}
}
